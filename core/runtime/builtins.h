// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What generated code calls of the runtime (abi/builtins.def). Each builtin is a C++ function here
// (builtins.cc) behind a thunk in assembly (trampolines.h) that leaves the guest's stack for
// the host's: nothing of the host is ever left on a stack that the guest can read.
#pragma once

#include <cstdint>

#include "core/abi/traps.h"
#include "core/abi/vmctx.h"

namespace cordon::runtime {

// In the two registers that C++ returns it in, for the thunks.
struct BuiltinResult {
  uint64_t value;
  uint64_t trap;  // not 0: the thunk does not return to the guest but ends the activation
};

// What stands in the context: the thunk, which the machine's trampolines define.
const void* builtin_thunk(abi::Builtin builtin);

}  // namespace cordon::runtime
