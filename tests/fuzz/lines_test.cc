// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/reference/lines.h"

#include <gtest/gtest.h>

namespace cordon::fuzz {
namespace {

TEST(Lines, TheFirstDifferenceIsShownWithBothSides) {
  EXPECT_EQ(lines_differ("call f returns\ncall g returns i32:1\n",
                         "call f returns\ncall g returns i32:2\n"),
            "here [call g returns i32:1], there [call g returns i32:2]");
  EXPECT_EQ(lines_differ("call f returns\n", "call f returns\n"), std::nullopt);
}

TEST(Lines, WhatIsMissingOnOneSideDiffers) {
  EXPECT_NE(lines_differ("call f returns\n", "call f returns\nglobal g i32:0\n"), std::nullopt);
  EXPECT_NE(lines_differ("call f returns\nglobal g i32:0\n", "call f returns\n"), std::nullopt);
  EXPECT_NE(lines_differ("call f returns\n", ""), std::nullopt);
}

TEST(Lines, NothingAfterALimitIsCompared) {
  const std::string ours = "call f returns\nhost h i32:1\ncall g limit\nglobal g i32:1\n";
  const std::string theirs = "call f returns\nhost h i32:1\nhost h i32:2\ncall g returns\n";
  EXPECT_EQ(lines_differ(ours, theirs), std::nullopt);
  EXPECT_EQ(lines_differ(theirs, ours), std::nullopt);
}

TEST(Lines, WhatCameBeforeALimitIsCompared) {
  EXPECT_NE(lines_differ("call f returns\ncall g limit\n", "call f unreachable\ncall g limit\n"),
            std::nullopt);
  EXPECT_NE(lines_differ("host h i32:1\ncall f returns\ncall g limit\n",
                         "host h i32:2\ncall f returns\ncall g limit\n"),
            std::nullopt);
}

}  // namespace
}  // namespace cordon::fuzz
