// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/gen/choices.h"

#include <gtest/gtest.h>

namespace cordon::fuzz {
namespace {

TEST(Choices, BehindTheEndEveryDecisionIsTheFirst) {
  const uint8_t bytes[] = {5, 1, 2};
  Choices choices(bytes);
  EXPECT_EQ(choices.below(4), 1u);
  EXPECT_EQ(choices.bits(2), 0x0201u);
  EXPECT_TRUE(choices.spent());
  EXPECT_EQ(choices.below(1000), 0u);
  EXPECT_EQ(choices.bits(8), 0u);
  EXPECT_FALSE(choices.once_in(2));
}

TEST(Choices, ADecisionOfOneTakesNoByte) {
  const uint8_t bytes[] = {7};
  Choices choices(bytes);
  EXPECT_EQ(choices.below(1), 0u);
  EXPECT_FALSE(choices.spent());
}

TEST(Choices, SharesAreDisjointAndTheLastTakesTheRest) {
  const uint8_t bytes[] = {1, 2, 3, 4, 5};
  Choices choices(bytes);
  Choices first = choices.share(2);
  EXPECT_EQ(first.bits(2), 0x0201u);
  EXPECT_TRUE(first.spent());
  Choices last = choices.share(1);
  EXPECT_EQ(last.bits(3), 0x050403u);
  EXPECT_TRUE(last.spent());
  EXPECT_TRUE(choices.spent());
}

}  // namespace
}  // namespace cordon::fuzz
