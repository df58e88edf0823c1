// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/find.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace cordon::fuzz {
namespace {

TEST(Reduce, LeavesOnlyWhatTheFailureNeeds) {
  std::vector<uint8_t> bytes(300, 1);
  bytes[40] = 200;
  bytes[250] = 201;
  const auto fails = [](ByteSpan candidate) {
    const auto first = std::find(candidate.begin(), candidate.end(), 200);
    return std::find(first, candidate.end(), 201) != candidate.end();
  };
  EXPECT_EQ(reduce(bytes, fails), (std::vector<uint8_t>{200, 201}));
}

TEST(Reduce, WhatAlwaysFailsBecomesNothing) {
  EXPECT_TRUE(reduce(std::vector<uint8_t>(77, 9), [](ByteSpan) { return true; }).empty());
}

TEST(Compare, AModuleThatIsNoneIsAFinding) {
  const uint8_t garbage[] = {0, 'a', 's', 'm', 9, 0, 0, 0};
  const Comparison comparison = compare(garbage);
  ASSERT_TRUE(comparison.finding.has_value());
  EXPECT_TRUE(comparison.finding->starts_with("refused")) << *comparison.finding;
}

TEST(WriteModule, NamesByContent) {
  const std::string directory = ::testing::TempDir();
  const uint8_t a[] = {1, 2, 3}, b[] = {1, 2, 4};
  const std::string path = write_module(directory, a);
  EXPECT_EQ(write_module(directory, a), path);
  const std::string other = write_module(directory, b);
  EXPECT_NE(other, path);
  EXPECT_EQ(std::filesystem::file_size(path), 3u);
  std::filesystem::remove(path);
  std::filesystem::remove(other);
}

}  // namespace
}  // namespace cordon::fuzz
