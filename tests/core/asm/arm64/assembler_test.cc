// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Branches, constants and padding of the assembler for AArch64.
#include <gtest/gtest.h>

#include <array>

#include "tests/core/asm/arm64/rows.h"

namespace cordon::arm64 {
namespace {

constexpr Cond kConditions[] = {
#define CONDITION(name, code, suffix) Cond::name,
#include "core/asm/arm64/conditions.def"
};
constexpr const char* kSuffixes[] = {
#define CONDITION(name, code, suffix) #suffix,
#include "core/asm/arm64/conditions.def"
};

std::vector<std::string> lines_of(Assembler& a) {
  const Result<ByteSpan> code = a.finish();
  if (!code) return {code.error().message()};
  return disassemble(*code);
}

TEST(Arm64Assembler, BranchesForwardAndBack) {
  Assembler a(CodeBuffer(4096));
  const Label start = a.new_label(), end = a.new_label();
  a.bind(start);
  a.b(end);
  a.bl(start);
  a.b(Cond::Equal, end);
  a.b(Cond::Less, start);
  a.bind(end);
  a.b(end);
  const std::vector<std::string> expected = {"b #16", "bl #-4", "b.eq #8", "b.lt #-12", "b #0"};
  EXPECT_EQ(lines_of(a), expected);
}

TEST(Arm64Assembler, KnowsEachCondition) {
  Assembler a(CodeBuffer(4096));
  for (const Cond cond : kConditions) {
    const Label here = a.new_label();
    a.bind(here);
    a.b(cond, here);
  }
  const std::vector<std::string> lines = lines_of(a);
  ASSERT_EQ(lines.size(), std::size(kConditions));
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i], "b." + std::string(kSuffixes[i]) + " #0");
    EXPECT_EQ(negate(negate(kConditions[i])), kConditions[i]);
  }
}

TEST(Arm64Assembler, RefusesConditionsAndLabelsThatAreNone) {
  Assembler a(CodeBuffer(4096));
  const Label label = a.new_label();
  a.b(static_cast<Cond>(14), label);
  EXPECT_EQ(a.error(), &emit::diag::no_such_form);
  Assembler other(CodeBuffer(4096));
  other.b(Label{});
  EXPECT_EQ(other.error(), &emit::diag::no_such_label);
  Assembler third(CodeBuffer(4096));
  third.bl(third.new_label());
  EXPECT_FALSE(third.finish().has_value());
  EXPECT_EQ(third.error(), &emit::diag::label_unbound);
}

// `words` words are between the branch and its target; on the target's side, or the branch's.
const DiagnosticKind* conditional_over(uint32_t words, bool forward) {
  static const std::vector<uint8_t> nothing(size_t{8} << 20);
  Assembler a(CodeBuffer(16u << 20));
  const Label label = a.new_label();
  if (!forward) a.bind(label);
  if (forward) a.b(Cond::Equal, label);
  a.data(ByteSpan(nothing).first(size_t{words} * 4));
  if (forward) a.bind(label);
  if (!forward) a.b(Cond::Equal, label);
  return a.error();
}

// 19 bits of words with a sign.
TEST(Arm64Assembler, ConditionalBranchesReachOneMebibyte) {
  constexpr uint32_t kMost = 1u << 18;
  EXPECT_EQ(conditional_over(kMost - 2, true), nullptr);
  EXPECT_EQ(conditional_over(kMost - 1, true), &emit::diag::label_too_far);
  EXPECT_EQ(conditional_over(kMost, false), nullptr);
  EXPECT_EQ(conditional_over(kMost + 1, false), &emit::diag::label_too_far);
}

TEST(Arm64Assembler, FarthestConditionalBranchesAreWhatTheySay) {
  static const std::vector<uint8_t> nothing((size_t{1} << 20) - 8);
  Assembler a(CodeBuffer(4u << 20));
  const Label end = a.new_label();
  a.b(Cond::Equal, end);
  a.data(nothing);
  a.bind(end);
  a.nop();
  const Result<ByteSpan> code = a.finish();
  ASSERT_TRUE(code.has_value());
  EXPECT_EQ(disassemble(code->first(4))[0], "b.eq #1048572");
}

std::vector<std::string> constant(Width width, int64_t imm) {
  Assembler a(CodeBuffer(64));
  a.mov(width, x7, imm);
  return lines_of(a);
}

TEST(Arm64Assembler, MakesConstantsOfFewMoves) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(constant(W64, 0), (Lines{"mov x7, #0"}));
  EXPECT_EQ(constant(W64, 0xFFFF), (Lines{"mov x7, #65535"}));
  EXPECT_EQ(constant(W64, 0x10000), (Lines{"mov x7, #65536"}));
  EXPECT_EQ(constant(W64, -1), (Lines{"mov x7, #-1"}));
  EXPECT_EQ(constant(W64, -0x10001), (Lines{"mov x7, #-65537"}));
  EXPECT_EQ(constant(W64, 0x12345), (Lines{"mov x7, #9029", "movk x7, #1, lsl #16"}));
  EXPECT_EQ(constant(W64, 0x0001'0000'0000'0002), (Lines{"mov x7, #2", "movk x7, #1, lsl #48"}));
  EXPECT_EQ(constant(W64, 0x1111'2222'3333'4444),
            (Lines{"mov x7, #17476", "movk x7, #13107, lsl #16", "movk x7, #8738, lsl #32",
                   "movk x7, #4369, lsl #48"}));
  EXPECT_EQ(constant(W32, -1), (Lines{"mov w7, #-1"}));
  EXPECT_EQ(constant(W32, 0xFFFF'FFFF), (Lines{"mov w7, #-1"}));
  EXPECT_EQ(constant(W32, 0x8000'0001), (Lines{"mov w7, #1", "movk w7, #32768, lsl #16"}));
}

TEST(Arm64Assembler, RefusesConstantsOfNoWidth) {
  Assembler a(CodeBuffer(64));
  a.mov(W32, x7, int64_t{1} << 32);
  EXPECT_EQ(a.error(), &emit::diag::immediate_too_large);
  EXPECT_EQ(a.offset(), 0u);
}

TEST(Arm64Assembler, AlignsByNops) {
  Assembler a(CodeBuffer(64));
  a.nop();
  a.align(16);
  EXPECT_EQ(a.offset(), 16u);
  a.align(16);
  EXPECT_EQ(a.offset(), 16u);
  EXPECT_EQ(lines_of(a), (std::vector<std::string>(4, "hint #0")));
  a.align(2);
  EXPECT_EQ(a.error(), &emit::diag::no_such_form);
}

TEST(Arm64Assembler, StaysWithinItsBuffer) {
  std::array<uint8_t, 20> storage{};
  Assembler a{CodeBuffer(MutableByteSpan(storage))};
  for (int i = 0; i < 8; ++i) a.nop();
  EXPECT_EQ(a.error(), &emit::diag::code_too_large);
  EXPECT_LE(a.offset(), storage.size());
}

}  // namespace
}  // namespace cordon::arm64
