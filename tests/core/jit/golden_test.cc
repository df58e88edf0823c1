// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machine code of small functions against tests/golden. After a change that is meant, run with
// BLESS=1 and read the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/core/jit/compile_module.h"
#include "tests/core/jit/disassembly.h"
#include "tests/core/jit/golden_cases.h"

namespace cordon::testing {
namespace {

using wasm::ValType;

std::string code_of(const GoldenCase& golden) {
  ModuleBuilder module;
  const wasm::FuncType callee{{ValType::i32, ValType::i32}, {ValType::i32}};
  module.type(callee);
  module.import_func("m", "f", {{ValType::i32, ValType::f64}, {ValType::i64}});
  module.memory({1, 1, true});
  module.table({ValType::funcref, {2, 2, true}});
  module.global({ValType::i64, true}, WasmBytes().i64_const(0));
  module.func(callee, WasmBytes().local_get(0));
  module.func(golden.type, golden.code, golden.locals);
  const Compiled compiled = compile_module(module.build(), all_features());
  return disassemble(compiled.blob(), 1);
}

void expect_golden(const std::string& file, const std::vector<GoldenCase>& cases) {
  const std::string path = std::string(CORDON_SOURCE_DIR) + "/tests/golden/" + file;
  std::string text;
  for (const GoldenCase& golden : cases) {
    text += std::string("-- ") + golden.name + "\n" + code_of(golden) + "\n";
  }
  if (std::getenv("BLESS") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream in(path);
  const std::string expected{std::istreambuf_iterator<char>(in), {}};
  ASSERT_FALSE(expected.empty()) << path;
  EXPECT_EQ(text, expected) << "if it is meant, refresh with BLESS=1";
}

TEST(JitGolden, Integers) { expect_golden("jit_integer.txt", integer_cases()); }
TEST(JitGolden, Floats) { expect_golden("jit_float.txt", float_cases()); }
TEST(JitGolden, Memory) { expect_golden("jit_memory.txt", memory_cases()); }
TEST(JitGolden, Control) { expect_golden("jit_control.txt", control_cases()); }

}  // namespace
}  // namespace cordon::testing
