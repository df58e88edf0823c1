// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/clock.h"

#include "tests/core/wasi/caller.h"

namespace cordon::wasi {
namespace {

TEST(Clock, AllFourRunForwardAndHaveAResolution) {
  WasiCaller guest;
  for (uint64_t clock = 0; clock < 4; ++clock) {
    ASSERT_EQ(guest.call("clock_res_get", {clock, 0}), Errno::success);
    EXPECT_GT(guest.get<uint64_t>(0), 0U);
    ASSERT_EQ(guest.call("clock_time_get", {clock, 0, 8}), Errno::success);
    ASSERT_EQ(guest.call("clock_time_get", {clock, ~uint64_t{0}, 16}), Errno::success);
    EXPECT_GE(guest.get<uint64_t>(16), guest.get<uint64_t>(8));
  }
}

TEST(Clock, RealtimeIsTheHosts) {
  WasiCaller guest;
  auto before = static_cast<uint64_t>(time(nullptr));
  ASSERT_EQ(guest.call("clock_time_get", {kClockRealtime, 0, 0}), Errno::success);
  uint64_t now = guest.get<uint64_t>(0) / kSecond;
  EXPECT_LE(before - 1, now);
  EXPECT_LE(now, before + 60);
}

TEST(Clock, RefusesOthersAndBadPointers) {
  WasiCaller guest;
  for (uint64_t clock : {uint64_t{4}, uint64_t{11}, uint64_t{0xffffffff}}) {
    EXPECT_EQ(guest.call("clock_res_get", {clock, 0}), Errno::inval);
    EXPECT_EQ(guest.call("clock_time_get", {clock, 0, 0}), Errno::inval);
  }
  EXPECT_EQ(guest.call("clock_time_get", {0, 0, kEnd - 7}), Errno::fault);
  EXPECT_EQ(guest.call("clock_res_get", {0, 0xfffffff8}), Errno::fault);
}

}  // namespace
}  // namespace cordon::wasi
