// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The interpreter: runs validated functions in place, over the module's own bytes with the side
// table. Called by core/engine alone.
#pragma once

#include <cstdint>

#include "core/abi/traps.h"
#include "core/runtime/execution.h"
#include "core/runtime/instance.h"

namespace cordon::interp {

// Calls `func` (of a module or of the host) with the slots of its parameters and returns when it
// ends. `results` has the slots of its results and is written only if the trap is Trap::none. A
// trap's backtrace is in execution.trace.
Trap invoke(runtime::Execution& execution, runtime::Func& func, const uint64_t* args,
            uint64_t* results);

// The same for a function of a module, within an entry that was checked already: the value of
// runtime::Instance::interpret. It may leave a successor (runtime/execution.h).
Trap run_func(runtime::Execution& execution, runtime::Func& func, const uint64_t* args,
              uint64_t* results);

}  // namespace cordon::interp
