// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/op.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace cordon::wasm {
namespace {

struct Row {
  uint32_t code;
  std::string ident, text;
};
const Row kRows[] = {
#define OP(code, ident, text, imm, feature) {code, #ident, text},
#include "core/wasm/opcodes.def"
};

TEST(Op, EveryRowIsFoundByItsCodeAndNothingElseIs) {
  std::set<uint32_t> codes;
  for (const Row& row : kRows) {
    codes.insert(row.code);
    const OpInfo& info = op_info(static_cast<Op>(row.code));
    EXPECT_TRUE(info.known);
    EXPECT_EQ(info.text, row.text);
  }
  // Spec, index of instructions, without vectors: control 13, references 3, parametric 3,
  // variables 5, tables 2, memory 25, constants 4, numeric 128, behind the prefix 18.
  EXPECT_EQ(codes.size(), 13U + 3 + 3 + 5 + 2 + 25 + 4 + 128 + 18);
  for (uint32_t code = 0; code <= 0xffff; ++code) {
    EXPECT_EQ(op_info(static_cast<Op>(code)).known, codes.contains(code)) << code;
  }
}

// `i32.add` is i32_add, `if` is if_; the one exception is the second encoding of select.
TEST(Op, IdentifiersAreTheSpecsSpelling) {
  for (const Row& row : kRows) {
    if (row.ident == "select_t") continue;
    std::string expected = row.text;
    for (char& c : expected) {
      if (c == '.') c = '_';
    }
    EXPECT_TRUE(row.ident == expected || row.ident == expected + "_") << row.ident;
  }
}

}  // namespace
}  // namespace cordon::wasm
