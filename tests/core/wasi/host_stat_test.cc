// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/host_stat.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cordon::wasi {
namespace {

TEST(HostStat, SeesWhatIsOpen) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Fd reader(ends[0]), writer(ends[1]);
  FileStat stat{};
  ASSERT_EQ(stat_host(reader.get(), stat), Errno::success);
  EXPECT_EQ(stat.mode_type, static_cast<uint32_t>(S_IFIFO));
  EXPECT_EQ(stat_host(-1, stat), Errno::badf);
}

TEST(HostStat, ReachesTheGuestFieldByField) {
  Filestat out = to_guest({.dev = 1,
                           .ino = 2,
                           .nlink = 3,
                           .size = 4,
                           .mode_type = S_IFDIR,
                           .atim_ns = 5,
                           .mtim_ns = 6,
                           .ctim_ns = 7});
  EXPECT_EQ(out.dev, 1U);
  EXPECT_EQ(out.ino, 2U);
  EXPECT_EQ(out.nlink, 3U);
  EXPECT_EQ(out.size, 4U);
  EXPECT_EQ(out.filetype, FileType::directory);
  EXPECT_EQ(out.atim, 5U);
  EXPECT_EQ(out.mtim, 6U);
  EXPECT_EQ(out.ctim, 7U);
}

}  // namespace
}  // namespace cordon::wasi
