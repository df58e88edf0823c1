// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every module in tests/regress on both engines ([D1]).
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/oracle/find.h"

namespace cordon::fuzz {
namespace {

TEST(Regress, BothEnginesAgree) {
  ASSERT_TRUE(std::filesystem::is_directory(CORDON_REGRESS_DIR));
  size_t modules = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CORDON_REGRESS_DIR)) {
    if (entry.path().extension() != ".wasm") continue;
    ++modules;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<uint8_t> module{std::istreambuf_iterator<char>(file), {}};
    const Comparison comparison = compare(module);
    EXPECT_FALSE(comparison.finding.has_value())
        << entry.path().filename() << ": " << *comparison.finding;
  }
  EXPECT_GT(modules, 0u);
}

}  // namespace
}  // namespace cordon::fuzz
