// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The registers of this program's machine in their roles: names that a folder of each machine
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

// How many there are.
using machine::kFloatRegisterCount;
using machine::kRegisterCount;
// What guest code never has for itself: the VmContext*, the base of memory 0, the stack pointer.
using machine::kContext;
using machine::kMemoryBase;
using machine::kStackPointer;
// Where calls between functions pass the first parameters and the first result, by class; where
// builtins take their arguments, and call_foreign its FuncView*.
using machine::kBuiltinParams;
using machine::kFloatParams;
using machine::kFloatResult;
using machine::kForeignFunc;
using machine::kIntParams;
using machine::kIntResult;
// Bytes between a frame and the slots of its caller's outgoing area: the return address.
using machine::kReturnAddress;
// How far a direct call reaches, bytes of a slot of the table of entries, and the byte that stands
// between functions.
using machine::kBranchReach;
using machine::kEntrySlot;
using machine::kPadding;

}  // namespace cordon::abi
