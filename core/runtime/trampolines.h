// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The assembly between host and guest (docs/generated-code.md), in a folder of each machine. Called
// by entry.cc, builtins.cc and the trap handler alone, and by guest code through its context.
#pragma once

#include <cstdint>

#include "core/abi/registers.h"
#include "core/abi/vmctx.h"
#include "core/runtime/builtins.h"

namespace cordon::runtime {

// The registers of a call between functions, in the order of abi::kIntParams and kFloatParams, and
// the first result.
struct CallRegisters {
  uint64_t ints[abi::kIntParams.size()];
  uint64_t floats[abi::kFloatParams.size()];
  uint64_t int_result, float_result;
};

// The host's data about a call into native code, with its address on top of the host's stack. The
// last two are for debuggers alone: calls into one instance nest and share its context, so the way
// from a guest's frame to the host's is found by the area, from the innermost call out.
struct EntryFrame {
  CallRegisters registers;
  const uint64_t* area;
  uint64_t outer_exit_stack;  // of the same context
};

extern "C" {
// Calls `entry` on the guest's stack, whose pointer is `area`. 0: it returned, with its first
// result in `frame.registers`. 1: a trap ended it.
uint64_t cordon_enter_native(abi::VmContext* context, const void* entry, EntryFrame* frame,
                             uint64_t* area);
// Where the thread continues after a trap: the end of the innermost cordon_enter_native.
void cordon_leave_by_trap();
// Where a builtin goes on that does not come back: by a trap, or at a handler (kToHandler).
void cordon_leave_builtin();

// For the thunks of calls, and for those of tail calls, which native code jumps to. `area` is the
// caller's outgoing area.
using ForeignHalf = BuiltinResult(abi::VmContext* context, void* func_or_index,
                                  CallRegisters* registers, uint64_t* area);
ForeignHalf cordon_call_foreign, cordon_return_call_foreign;
// `index` is that of an import.
ForeignHalf cordon_return_call_import;
// `index` is that of a function with a body, which has no native code yet: or else the thunk has
// gone to it.
ForeignHalf cordon_call_own, cordon_return_call_own;
}

}  // namespace cordon::runtime
