// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <sys/socket.h>

#include "tests/core/wasi/caller.h"

namespace cordon::wasi {
namespace {

void expect_all(WasiCaller& guest, uint64_t fd, Errno expected) {
  EXPECT_EQ(guest.call("sock_accept", {fd, 0, 0}), expected);
  EXPECT_EQ(guest.call("sock_recv", {fd, 0, 0, 0, 0, 4}), expected);
  EXPECT_EQ(guest.call("sock_send", {fd, 0, 0, 0, 0}), expected);
  EXPECT_EQ(guest.call("sock_shutdown", {fd, 0}), expected);
}

TEST(Sock, AGuestHasNoNetwork) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  Fd ours(ends[0]), theirs(ends[1]);
  WasiConfig config;
  config.stdio = {-1, ours.get(), -1};
  WasiCaller guest(config);
  expect_all(guest, 0, Errno::badf);
  expect_all(guest, 1, Errno::notsup);
  expect_all(guest, kRw, Errno::notsock);
  EXPECT_EQ(guest.write(1, "x"), Errno::success);
  EXPECT_EQ(guest.call("sock_recv", {1, 0, ~0U, 0, 0, 4}), Errno::fault);
  EXPECT_EQ(guest.call("sock_recv", {1, 0, 0, 0, 0, kEnd - 1}), Errno::fault);
}

}  // namespace
}  // namespace cordon::wasi
