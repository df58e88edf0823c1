// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The registers of this program's machine in their roles, under names that each machine's folder
// defines. Numbers are the hardware's.
#pragma once

#include "core/abi/machine.h"

#if defined(CORDON_MACHINE_X64)
#include "core/abi/x64/registers.h"
namespace cordon::abi {
namespace machine = x64;
}
#elif defined(CORDON_MACHINE_ARM64)
#include "core/abi/arm64/registers.h"
namespace cordon::abi {
namespace machine = arm64;
}
#endif

namespace cordon::abi {

// The number of registers.
using machine::kFloatRegisterCount;
using machine::kRegisterCount;
// Registers with fixed contents in guest code: VmContext*, the base of memory 0, stack pointer.
using machine::kContext;
using machine::kMemoryBase;
using machine::kStackPointer;
// The registers in which calls between functions pass the first parameters and the first result, by
// class; those of builtins' arguments, and of call_foreign's FuncView* or call_own's number.
using machine::kBuiltinParams;
using machine::kFloatParams;
using machine::kFloatResult;
using machine::kForeignFunc;
using machine::kIntParams;
using machine::kIntResult;
// Bytes between a frame and its caller's outgoing area: the return address.
using machine::kReturnAddress;
// The reach of a direct call, the bytes of a slot of the table of entries, and the byte between
// functions.
using machine::kBranchReach;
using machine::kEntrySlot;
using machine::kPadding;

}  // namespace cordon::abi
