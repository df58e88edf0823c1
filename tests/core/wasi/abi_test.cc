// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/abi.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace cordon::wasi {
namespace {

TEST(FileTypeOf, IsUnknownForWhatWasiHasNoNameFor) {
  EXPECT_EQ(file_type(S_IFREG), FileType::regular_file);
  EXPECT_EQ(file_type(S_IFDIR), FileType::directory);
  EXPECT_EQ(file_type(S_IFCHR), FileType::character_device);
  EXPECT_EQ(file_type(S_IFBLK), FileType::block_device);
  EXPECT_EQ(file_type(S_IFLNK), FileType::symbolic_link);
  EXPECT_EQ(file_type(S_IFSOCK), FileType::socket_stream);
  EXPECT_EQ(file_type(S_IFIFO), FileType::unknown);
  EXPECT_EQ(file_type(0), FileType::unknown);
  EXPECT_EQ(file_type(~0U), FileType::unknown);
}

TEST(Rights, HaveTheBitsOfTheWitx) {
  EXPECT_EQ(right::fd_datasync, 1U);
  EXPECT_EQ(right::fd_write, 1U << 6);
  EXPECT_EQ(right::path_open, 1U << 13);
  EXPECT_EQ(right::sock_accept, 1U << 29);
}

}  // namespace
}  // namespace cordon::wasi
