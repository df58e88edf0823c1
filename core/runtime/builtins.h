// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What generated code calls of the runtime (abi/builtins.def). Each builtin is a C++ function here
// (builtins.cc) behind a thunk in assembly (trampolines.h) that leaves the guest's stack for
// the host's: nothing of the host is ever left on a stack that the guest can read.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/abi/registers.h"
#include "core/abi/traps.h"
#include "core/abi/vmctx.h"

namespace cordon::runtime {

// In the two registers that C++ returns it in, for the thunks.
struct BuiltinResult {
  uint64_t value;
  uint64_t trap;  // not 0: the thunk does not return to the guest but ends the activation
};

// A builtin's C++ half, as its thunk calls it. The arguments stand in the registers of
// abi::kBuiltinParams, which are those where C++ takes its second parameter and the ones after it.
using BuiltinHalf = BuiltinResult(abi::VmContext*, uint64_t, uint64_t, uint64_t, uint64_t,
                                  uint64_t);
template <class... Arguments>
constexpr size_t argument_count(BuiltinResult (*)(abi::VmContext*, Arguments...)) {
  return sizeof...(Arguments);
}
static_assert(argument_count(static_cast<BuiltinHalf*>(nullptr)) == abi::kBuiltinParams.size());

// What stands in the context: the thunk, which the machine's trampolines define.
const void* builtin_thunk(abi::Builtin builtin);

}  // namespace cordon::runtime
