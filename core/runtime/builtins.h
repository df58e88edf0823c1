// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of the runtime that generated code calls (abi/builtins.def). Each builtin is a C++
// function here (builtins.cc), called by a thunk in assembly (trampolines.h) that switches from the
// guest's stack to the host's: no data of the host is ever left on a stack that the guest can read.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/abi/registers.h"
#include "core/abi/traps.h"
#include "core/abi/vmctx.h"

namespace cordon::runtime {

// In the two registers in which C++ returns it, for the thunks.
struct BuiltinResult {
  uint64_t value;
  uint64_t trap;  // not 0: the thunk does not return to the guest but ends the activation
};

// As a trap: the guest goes on at `value`, a handler of its code, with the stack pointer that is in
// the context's guest_stack.
inline constexpr uint64_t kToHandler = 256;

// A builtin's C++ half, as its thunk calls it. The arguments are in the registers of
// abi::kBuiltinParams, which are those of C++'s second parameter and the following ones.
using BuiltinHalf = BuiltinResult(abi::VmContext*, uint64_t, uint64_t, uint64_t, uint64_t,
                                  uint64_t);
template <class... Arguments>
constexpr size_t argument_count(BuiltinResult (*)(abi::VmContext*, Arguments...)) {
  return sizeof...(Arguments);
}
static_assert(argument_count(static_cast<BuiltinHalf*>(nullptr)) == abi::kBuiltinParams.size());

// The value in the context: the thunk, which the machine's trampolines define.
const void* builtin_thunk(abi::Builtin builtin);

}  // namespace cordon::runtime
