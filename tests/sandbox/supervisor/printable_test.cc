// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/printable.h"

#include <gtest/gtest.h>

namespace cordon::supervisor {
namespace {

TEST(Printable, TextStaysAsItIs) {
  EXPECT_EQ(printable(""), "");
  EXPECT_EQ(printable("plain\n\ttext"), "plain\n\ttext");
  EXPECT_EQ(printable("Grüße, 世界 🎉"), "Grüße, 世界 🎉");
}

TEST(Printable, NothingReachesTheTerminalAsACommand) {  // [P1]
  EXPECT_EQ(printable("\x1b]0;title\a"), "\\x1b]0;title\\x07");
  EXPECT_EQ(printable("a\rb\x7f\b"), "a\\x0db\\x7f\\x08");
  EXPECT_EQ(printable(std::string("\0", 1)), "\\x00");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b"
            "31m");  // CSI as a C1 character
  EXPECT_EQ(printable("\xe2\x80\xae"
                      "evil"),
            "\\xe2\\x80\\xae"
            "evil");  // right-to-left override
}

TEST(Printable, WhatIsNotUtf8IsShownByteByByte) {  // [P1]
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xc3"), "\\xc3");                    // cut off
  EXPECT_EQ(printable("\xc0\x9b"), "\\xc0\\x9b");           // overlong ESC
  EXPECT_EQ(printable("\xe0\x80\x9b"), "\\xe0\\x80\\x9b");  // overlong ESC
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(printable("\xf5\x80\x80\x80"), "\\xf5\\x80\\x80\\x80");
  EXPECT_EQ(printable("\x9b"
                      "2J"),
            "\\x9b"
            "2J");  // CSI as a bare byte
}

}  // namespace
}  // namespace cordon::supervisor
