// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// push_zeros(): arguments and results for functions whose values do not matter.
#pragma once

#include <vector>

#include "tests/kit/wasm_bytes.h"

namespace cordon::testing {

// Appends a constant zero for each of `types`, which are numbers or vectors.
inline void push_zeros(WasmBytes& code, const std::vector<wasm::ValType>& types) {
  for (const wasm::ValType type : types) {
    if (type == wasm::ValType::i32) code.i32_const(0);
    if (type == wasm::ValType::i64) code.i64_const(0);
    if (type == wasm::ValType::f64) code.f64_const(0);
    if (type == wasm::ValType::v128) code.v128_const({});
  }
}

}  // namespace cordon::testing
