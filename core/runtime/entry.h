// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls into native code and out of it. Values cross as slots, as everywhere in the runtime; who
// calls marshals them from and to registers by the signature (abi/convention.h).
#pragma once

#include "core/abi/traps.h"
#include "core/runtime/execution.h"
#include "core/runtime/instance.h"
#include "core/runtime/store.h"

namespace cordon::runtime {

// Whether native code can run here at all.
bool native_supported();

// As interp::invoke, for a `func` with native code: an embedder's or host function's call. A trap's
// backtrace is in execution.trace, the same frames as the interpreter gives.
Trap invoke_native(Execution& execution, Func& func, const uint64_t* args, uint64_t* results);

// A value that native code gave as one of `type`, as a slot. A function reference that is none ends
// the process: nobody calls an address that a wrong compiler made up ([C1]).
uint64_t slot_of_native(const Store& store, wasm::ValType type, uint64_t value);

// Within a call: runs `func` in its own instance, whatever kind it is. `caller` is what a host
// function is told. `args` and `results` may overlap.
Trap call_func(Execution& execution, Instance* caller, Func& func, const uint64_t* args,
               uint64_t* results);

}  // namespace cordon::runtime
