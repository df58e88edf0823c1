// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/errno.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace cordon::wasi {
namespace {

TEST(FromLinux, KnowsWhatSystemCallsGive) {
  EXPECT_EQ(from_linux(0), Errno::success);
  EXPECT_EQ(from_linux(EROFS), Errno::rofs);
  EXPECT_EQ(from_linux(EWOULDBLOCK), Errno::again);
  EXPECT_EQ(from_linux(ENOTSUP), Errno::notsup);
  EXPECT_EQ(from_linux(ELOOP), Errno::loop);
}

TEST(FromLinux, NeverGivesSuccessForAnUnknownError) {
  EXPECT_EQ(from_linux(EHWPOISON), Errno::io);
  EXPECT_EQ(from_linux(1 << 20), Errno::io);
}

TEST(FromResult, ReadsErrnoOnlyOnFailure) {
  errno = EACCES;
  EXPECT_EQ(from_result(0), Errno::success);
  EXPECT_EQ(from_result(-1), Errno::acces);
}

}  // namespace
}  // namespace cordon::wasi
