// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/core/wasi/caller.h"

namespace cordon::wasi {
namespace {

WasiConfig two_args() {
  WasiConfig config;
  config.args = {"app", "", "x y"};  // 4 + 1 + 4 bytes
  config.env = {"A=1", "B="};
  return config;
}

TEST(Args, ArriveWithTheirSizes) {
  WasiCaller guest(two_args());
  ASSERT_EQ(guest.call("args_sizes_get", {0, 4}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(0), 3U);
  EXPECT_EQ(guest.get<uint32_t>(4), 9U);
  ASSERT_EQ(guest.call("args_get", {16, 64}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(16), 64U);
  EXPECT_EQ(guest.get<uint32_t>(20), 68U);
  EXPECT_EQ(guest.get<uint32_t>(24), 69U);
  EXPECT_EQ(guest.text(64, 9), std::string("app\0\0x y\0", 9));
}

TEST(Environ, ArrivesWithItsSizes) {
  WasiCaller guest(two_args());
  ASSERT_EQ(guest.call("environ_sizes_get", {0, 4}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(0), 2U);
  EXPECT_EQ(guest.get<uint32_t>(4), 7U);
  ASSERT_EQ(guest.call("environ_get", {16, 64}), Errno::success);
  EXPECT_EQ(guest.text(64, 7), std::string("A=1\0B=\0", 7));
}

TEST(Args, FitExactlyAtTheEndAndNotOneByteFurther) {
  WasiCaller guest(two_args());
  EXPECT_EQ(guest.call("args_get", {kEnd - 12, kEnd - 9}), Errno::success);
  EXPECT_EQ(guest.call("args_get", {kEnd - 11, 0}), Errno::fault);
  EXPECT_EQ(guest.call("args_get", {0, kEnd - 8}), Errno::fault);
  EXPECT_EQ(guest.call("args_get", {~0U, 0}), Errno::fault);
  EXPECT_EQ(guest.call("args_get", {0, ~0U}), Errno::fault);
  EXPECT_EQ(guest.call("args_sizes_get", {kEnd - 3, 0}), Errno::fault);
  EXPECT_EQ(guest.call("args_sizes_get", {0, ~0U - 3}), Errno::fault);
}

TEST(Args, MayBeNone) {
  WasiCaller guest;
  ASSERT_EQ(guest.call("args_sizes_get", {0, 4}), Errno::success);
  EXPECT_EQ(guest.get<uint64_t>(0), 0U);
  EXPECT_EQ(guest.call("args_get", {kEnd, kEnd}), Errno::success);
  EXPECT_EQ(guest.call("args_get", {kEnd + 1, 0}), Errno::fault);
}

}  // namespace
}  // namespace cordon::wasi
