// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small functions whose machine code is kept as text in tests/golden. In each module: function 0 is
// an import (i32, f64) -> i64, function 1 a callee (i32, i32) -> i32, function 2 the case; a
// memory, a table of functions, a mutable i64 global.
#pragma once

#include <vector>

#include "tests/support/module_builder.h"

namespace cordon::testing {

struct GoldenCase {
  const char* name;
  wasm::FuncType type;
  WasmBytes code;
  std::vector<Locals> locals = {};
};

std::vector<GoldenCase> integer_cases();
std::vector<GoldenCase> float_cases();
std::vector<GoldenCase> memory_cases();
std::vector<GoldenCase> control_cases();

}  // namespace cordon::testing
