// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where native code goes on after something was thrown: at a handler of one of its frames
// (abi::Handler), or nowhere in this activation. Called by the builtins that throw or call.
//
// Until a handler is found nothing changes but the fuel, so that a trace shows where an exception
// came from that nobody catches. Each clause that is looked at and each frame that is left costs
// one instruction of fuel, as in the interpreter ([D1]), and the search ends where fuel does
// ([L1]).
#pragma once

#include <cstdint>

#include "core/runtime/activation.h"
#include "core/runtime/exceptions.h"

namespace cordon::runtime {

// The place in code, and the stack pointer there.
struct Landing {
  const void* place = nullptr;
  uint64_t* stack = nullptr;
};

// `stopped` is in a builtin, where `exception` comes from. Trap::none: `landing` is set, and what
// the handler takes is in its frame. Otherwise why the activation ends: uncaught_exception, with
// the exception in the Execution, or fuel_exhausted.
// [B1] Code without a handler that fits the clause ends the process.
Trap land(const Activation& stopped, Exception& exception, Landing& landing);

}  // namespace cordon::runtime
