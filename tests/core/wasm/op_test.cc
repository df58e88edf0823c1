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
#define OP(code, ident, text, imm, feature, kind, effect) {code, #ident, text},
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
  // Spec, index of instructions: control 13, references 3, parametric 3, variables 5, tables 2,
  // memory 25, constants 4, numeric 128, with the prefix 18, vectors 236; and the 20 of relaxed
  // SIMD.
  EXPECT_EQ(codes.size(), 13U + 3 + 3 + 5 + 2 + 25 + 4 + 128 + 18 + 236 + 20 + 2 + 8);
  for (const unsigned byte : {0x00U, 0x01U, 0xfbU, 0xfcU, 0xfdU, 0xffU}) {
    const auto prefix = static_cast<uint8_t>(byte);
    for (uint32_t number = 0; number <= kNumbers; ++number) {
      const uint32_t code = code_of(prefix, number);
      EXPECT_EQ(op_info(static_cast<Op>(code)).known, codes.contains(code)) << code;
    }
  }
  EXPECT_EQ(numbers_behind(0), 0xd3U);
  EXPECT_EQ(numbers_behind(kPrefix), 18U);
  EXPECT_EQ(numbers_behind(kVectorPrefix), 0x114U);
  EXPECT_EQ(numbers_behind(0xfb), 0U);
}

TEST(Op, ANumberTooLargeForARowIsNoRow) {
  EXPECT_EQ(code_of(kPrefix, 0xffff'ffff), code_of(kPrefix, kNumbers));
  EXPECT_FALSE(op_info(static_cast<Op>(code_of(kPrefix, 0x1'0008))).known);
}

// What is relied on of the column of effects: what leaves a block leaves locals unassigned, and
// what the runtime does clears registers.
TEST(Op, EffectsAreTheSpecs) {
  const auto has = [](Op op, Effect effect) { return op_info(op).effects.has(effect); };
  for (const Row& row : kRows) {
    const auto op = static_cast<Op>(row.code);
    const bool leaves = row.ident.starts_with("br") || row.ident.starts_with("return") ||
                        op == Op::if_ || op == Op::unreachable ||
                        row.ident.find("throw") != std::string::npos;
    EXPECT_EQ(has(op, Effect::Branches), leaves) << row.ident;
    EXPECT_EQ(has(op, Effect::Calls), row.ident.find("call") != std::string::npos) << row.ident;
    const bool loads = row.ident.find("_load") != std::string::npos;
    const bool stores = row.ident.find("_store") != std::string::npos;
    EXPECT_EQ(has(op, Effect::Reads), loads || op == Op::memory_copy) << row.ident;
    EXPECT_EQ(has(op, Effect::Writes), stores || op == Op::memory_copy || op == Op::memory_fill ||
                                           op == Op::memory_init || op == Op::memory_grow)
        << row.ident;
    const bool of_runtime = row.ident.starts_with("table_") || row.ident.starts_with("elem_") ||
                            row.ident.starts_with("data_") || op == Op::ref_func ||
                            row.ident.find("throw") != std::string::npos ||
                            (row.ident.starts_with("memory_") && op != Op::memory_size);
    EXPECT_EQ(has(op, Effect::Runtime), of_runtime) << row.ident;
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
