// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/abi/precompiled.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/abi/diagnostics.h"

namespace cordon::abi {
namespace {

std::vector<uint8_t> module_of(size_t size) {
  std::vector<uint8_t> module(size);
  for (size_t i = 0; i < size; ++i) module[i] = static_cast<uint8_t>(i * 7);
  return module;
}

std::vector<uint8_t> file_of(ByteSpan module, bool fuel) {
  std::vector<uint8_t> file(4096, 0x5a);
  const auto stamp = make_stamp(module, fuel);
  file.insert(file.end(), stamp.begin(), stamp.end());
  return file;
}

TEST(Precompiled, AStampIsOfItsModuleAndItsRuleForFuel) {
  for (const size_t size : {0, 1, 7, 8, 9, 1000}) {
    const auto module = module_of(size);
    for (const bool fuel : {false, true}) {
      const auto file = file_of(module, fuel);
      EXPECT_TRUE(check_stamp(file, module, fuel));
      EXPECT_TRUE(check_stamp(file, module, std::nullopt));
      const auto other = check_stamp(file, module, !fuel);
      ASSERT_FALSE(other);
      EXPECT_EQ(other.error().kind, &diag::stamp_of_another);
    }
  }
}

// A module that was compiled again after a change of one bit must not run with its old code.
TEST(Precompiled, NoBitOfTheModuleCanChange) {
  auto module = module_of(67);
  const auto file = file_of(module, false);
  for (size_t bit = 0; bit < module.size() * 8; ++bit) {
    module[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
    EXPECT_FALSE(check_stamp(file, module, false)) << bit;
    module[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
  }
  module.push_back(0);
  EXPECT_FALSE(check_stamp(file, module, false)) << "a byte more";
}

TEST(Precompiled, NoBitOfTheStampCanChange) {
  const auto module = module_of(100);
  auto file = file_of(module, false);
  for (size_t bit = (file.size() - kStampSize) * 8; bit < file.size() * 8; ++bit) {
    file[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
    EXPECT_FALSE(check_stamp(file, module, false)) << bit;
    file[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
  }
}

TEST(Precompiled, AFileThatIsCutHasNoStamp) {
  const auto module = module_of(100);
  const auto file = file_of(module, false);
  for (size_t size = 0; size < file.size(); ++size) {
    const auto checked = check_stamp(ByteSpan(file).first(size), module, false);
    ASSERT_FALSE(checked) << size;
    EXPECT_EQ(checked.error().kind, &diag::no_stamp) << size;
  }
}

}  // namespace
}  // namespace cordon::abi
