// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A call with raw slots, by the function's engine. Used by instantiate and invoke.
#pragma once

#include "core/interp/interpreter.h"
#include "core/runtime/entry.h"

namespace cordon::engine {

// One slot a parameter and a result; `results` is written only if Trap::none is returned. REQUIRES:
// the caller has checked number and types.
inline Trap call(runtime::Execution& execution, runtime::Func& func, const uint64_t* args,
                 uint64_t* results) {
  return func.is_native() ? runtime::invoke_native(execution, func, args, results)
                          : interp::invoke(execution, func, args, results);
}

}  // namespace cordon::engine
