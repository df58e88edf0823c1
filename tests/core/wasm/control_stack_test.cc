// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/control_stack.h"

#include <gtest/gtest.h>

namespace cordon::wasm {
namespace {

constexpr ValType kParams[] = {ValType::i32}, kResults[] = {ValType::f64, ValType::i64};

TEST(ControlStack, LabelsCountFromTheInnermostBlock) {
  ControlStack<> blocks;
  blocks.open_body(kResults);
  blocks.open(BlockKind::Loop, {kParams, kResults});
  blocks.open(BlockKind::If, {kParams, {}});
  EXPECT_EQ(blocks[LabelIdx{0}].kind, BlockKind::If);
  EXPECT_EQ(blocks[LabelIdx{2}].kind, BlockKind::Body);
  EXPECT_TRUE(blocks.has({2}));
  EXPECT_FALSE(blocks.has({3}));
  blocks.close();
  EXPECT_EQ(blocks.innermost().kind, BlockKind::Loop);
}

TEST(ControlStack, ABranchPassesTheParametersOfALoopAndTheResultsOfAllElse) {
  ControlStack<> blocks;
  blocks.open_body(kResults);
  EXPECT_EQ(blocks.innermost().label().size(), 2U);
  blocks.open(BlockKind::Loop, {kParams, kResults});
  EXPECT_EQ(blocks.innermost().label().size(), 1U);
  blocks.open(BlockKind::Block, {kParams, kResults});
  EXPECT_EQ(blocks.innermost().label().size(), 2U);
}

TEST(ControlStack, NestingHasALimit) {  // [L1]
  ControlStack<> blocks;
  blocks.open_body({});
  for (uint32_t i = 0; i < kMaxNesting; ++i) blocks.open(BlockKind::Block, {});
  EXPECT_FALSE(blocks.too_deep());
  blocks.open(BlockKind::Block, {});
  EXPECT_TRUE(blocks.too_deep());
  blocks.open_body({});
  EXPECT_FALSE(blocks.too_deep()) << "a new body begins with nothing open";
}

TEST(BlockSkipper, LeavesAtItsOwnElseOrEndAlone) {
  BlockSkipper skipper;
  for (const Op op :
       {Op::if_, Op::i32_add, Op::else_, Op::end, Op::loop, Op::block, Op::end, Op::end}) {
    EXPECT_FALSE(skipper.leaves(op));
  }
  EXPECT_TRUE(skipper.leaves(Op::else_));
  EXPECT_TRUE(skipper.leaves(Op::end));
}

}  // namespace
}  // namespace cordon::wasm
