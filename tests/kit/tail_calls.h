// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pieces of functions that end in tail calls, and how many such calls a test makes.
#pragma once

#include "tests/kit/wasm_bytes.h"

namespace cordon::testing {

// More than any stack has room for; a sanitizer's build takes too long for as many.
#ifdef CORDON_SANITIZED
inline constexpr uint64_t kManyTailCalls = 1'000'000;
#else
inline constexpr uint64_t kManyTailCalls = 100'000'000;
#endif
inline constexpr uint64_t kSmallStack = uint64_t{64} << 10;

inline WasmBytes return_call(uint32_t func) {
  return WasmBytes().op(wasm::Op::return_call).u32(func);
}
// By table 0.
inline WasmBytes return_call_indirect(uint32_t type) {
  return WasmBytes().op(wasm::Op::return_call_indirect).u32(type).u32(0);
}

// Local 0 is how many calls are still to come; without any, the result is 42. Then what makes the
// next one.
inline WasmBytes countdown(const WasmBytes& call_next) {
  using wasm::Op;
  WasmBytes code;
  code.local_get(0).op(Op::i32_eqz).block(Op::if_).i32_const(42).op(Op::return_).end();
  return code.local_get(0).i32_const(1).op(Op::i32_sub).append(call_next);
}

}  // namespace cordon::testing
