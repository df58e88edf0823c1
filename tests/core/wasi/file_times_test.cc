// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/file_times.h"

#include <gtest/gtest.h>

namespace cordon::wasi {
namespace {

using namespace fstflag;

TEST(FileTimes, AreValuesNowOrLeftAsTheyAre) {
  FileTimes out{};
  ASSERT_EQ(to_file_times(5, 6, kAtim | kMtimNow, out), Errno::success);
  EXPECT_EQ(out.atim_ns, 5U);
  EXPECT_EQ(out.mtim_ns, FileTimes::kNow);
  ASSERT_EQ(to_file_times(5, 6, 0, out), Errno::success);
  EXPECT_EQ(out.atim_ns, FileTimes::kOmit);
  EXPECT_EQ(out.mtim_ns, FileTimes::kOmit);
}

TEST(FileTimes, CanNotBeAValueAndNow) {
  FileTimes out{};
  EXPECT_EQ(to_file_times(5, 6, kAtim | kAtimNow, out), Errno::inval);
  EXPECT_EQ(to_file_times(5, 6, kMtim | kMtimNow, out), Errno::inval);
}

TEST(FileTimes, CanNotBeOurMarksByValue) {
  FileTimes out{};
  EXPECT_EQ(to_file_times(FileTimes::kNow, 0, kAtim, out), Errno::inval);
  EXPECT_EQ(to_file_times(0, FileTimes::kOmit, kMtim, out), Errno::inval);
  EXPECT_EQ(to_file_times(FileTimes::kOmit - 1, 0, kAtim, out), Errno::success);
  EXPECT_EQ(to_file_times(FileTimes::kNow, 0, kAtimNow, out), Errno::success);
}

}  // namespace
}  // namespace cordon::wasi
