// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A call of a function of the host by a guest, or by the embedder itself. Inline: a guest's call of
// the host is little more than this.
#pragma once

#include "core/runtime/entry.h"

namespace cordon::runtime {

// Converts its result slots as the function's store accepts them. Trap::none if it accepts all.
Trap take_results_in(const Func& func, uint64_t* results);
// Calls `func` in the embedder's mode of floating-point arithmetic, where that is not the guest's.
Trap call_in_host_mode(Execution& execution, HostCall& call, Func& func, const uint64_t* args,
                       uint64_t* results);

// `caller` is passed to the function as its caller. `args` and `results` may overlap.
[[gnu::always_inline]] inline Trap call_host(Execution& execution, Instance* caller, Func& func,
                                             const uint64_t* args, uint64_t* results) {
  HostCall call{caller, caller != nullptr ? caller->memory0() : nullptr};
  Trap trap = execution.host_float_mode == kGuestFloatMode
                  ? func.host(func.host_env, call, args, results)
                  : call_in_host_mode(execution, call, func, args, results);
  if (trap != Trap::none) return trap;
  if (func.takes_references) [[unlikely]] {
    trap = take_results_in(func, results);
  } else {
    for (uint32_t i = 0; i < func.results; ++i) {
      results[i] = slot_of_number(func.slot_types->results[i], results[i]);
    }
  }
  // The host may have called back, caught a trap and handled it.
  if (trap == Trap::none) execution.trace.clear();
  return trap;
}

}  // namespace cordon::runtime
