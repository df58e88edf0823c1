// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/quantity.h"

#include <gtest/gtest.h>

namespace cordon::cli {
namespace {

using namespace std::chrono_literals;

TEST(Quantity, SizesArePowersOf1024) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("4096"), 4096U);
  EXPECT_EQ(parse_size("64K"), 65536U);
  EXPECT_EQ(parse_size("64kb"), 65536U);
  EXPECT_EQ(parse_size("256M"), 268435456U);
  EXPECT_EQ(parse_size("1GiB"), 1073741824U);
}

TEST(Quantity, WhatIsNoSizeIsRefusedRatherThanRounded) {
  for (const char* text : {"", "M", "-1", "+1", " 1", "1 M", "1.5G", "1T", "0x10", "1MM",
                           "18446744073709551616", "18446744073709551615K"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Quantity, CountsAreDigitsAndNothingElse) {
  EXPECT_EQ(parse_count("0"), 0U);
  EXPECT_EQ(parse_count("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1e6", "0x10", "1_000", "1K", "many",
                           "18446744073709551616", "99999999999999999999999"}) {
    EXPECT_FALSE(parse_count(text)) << text;
  }
}

TEST(Quantity, TextsReadAsTheSame) {
  EXPECT_EQ(size_text(0), "0");
  EXPECT_EQ(size_text(1000), "1000");
  EXPECT_EQ(size_text(uint64_t{4} << 30), "4G");
  EXPECT_EQ(size_text(uint64_t{1536} << 10), "1536K");
  EXPECT_EQ(duration_text(24h), "24h");
  EXPECT_EQ(duration_text(1500ms), "1500ms");
  for (const uint64_t bytes : {uint64_t{1}, uint64_t{65536}, UINT64_MAX}) {
    EXPECT_EQ(parse_size(size_text(bytes)), bytes);
  }
}

TEST(Quantity, DurationsHaveUnitsAndFractions) {
  EXPECT_EQ(parse_duration("2s"), 2s);
  EXPECT_EQ(parse_duration("2"), 2s);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("10m"), 10min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(Quantity, WhatIsNoDurationIsRefused) {
  for (const char* text : {"", "s", "-1s", "1e9s", "inf", "nan", "2 s", "1d", "9999999h", "1ss"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace cordon::cli
