// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>

#include "tests/core/wasi/caller.h"

namespace cordon::wasi {
namespace {

TEST(Random, FillsTheBufferAndNoMore) {
  WasiCaller guest;
  ASSERT_EQ(guest.call("random_get", {kDataAt, 4096}), Errno::success);
  std::string got = guest.text(kDataAt, 4096);
  EXPECT_LT(std::count(got.begin(), got.end(), '\0'), 100);
  EXPECT_NE(guest.text(kDataAt + 4080, 16), std::string(16, '\0'));
  EXPECT_EQ(guest.text(kDataAt + 4096, 64), std::string(64, '\0'));
  EXPECT_EQ(guest.text(kDataAt - 64, 64), std::string(64, '\0'));
  ASSERT_EQ(guest.call("random_get", {kDataAt, 4096}), Errno::success);
  EXPECT_NE(guest.text(kDataAt, 4096), got);
}

TEST(Random, FillsAllOfMemoryAndNoMore) {  // [L1]
  WasiCaller guest;
  EXPECT_EQ(guest.call("random_get", {0, kEnd}), Errno::success);
  EXPECT_NE(guest.text(kEnd - 16, 16), std::string(16, '\0'));
  EXPECT_EQ(guest.call("random_get", {0, kEnd + 1}), Errno::fault);
  EXPECT_EQ(guest.call("random_get", {kEnd, 0}), Errno::success);
}

}  // namespace
}  // namespace cordon::wasi
