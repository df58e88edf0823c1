// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/fd_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace cordon::wasi {
namespace {

std::unique_ptr<FdEntry> entry(Rights base = 0) {
  auto made = std::make_unique<FdEntry>();
  made->base = base;
  return made;
}

TEST(FdTable, GivesTheLowestFreeNumber) {
  FdTable table(8);
  for (uint32_t i = 0; i < 5; ++i) table.place(*table.free_number(), entry());
  EXPECT_TRUE(table.close(1));
  EXPECT_TRUE(table.close(3));
  EXPECT_EQ(table.free_number(), 1U);
  table.place(1, entry());
  EXPECT_EQ(table.free_number(), 3U);
}

TEST(FdTable, EndsAtItsLimit) {  // [L1]
  FdTable table(3);
  for (uint32_t i = 0; i < 3; ++i) table.place(*table.free_number(), entry());
  EXPECT_EQ(table.free_number(), std::nullopt);
  EXPECT_TRUE(table.close(2));
  EXPECT_EQ(table.free_number(), 2U);
}

TEST(FdTable, CanNotBeMadeLargeByALargeNumber) {
  FdTable table(512);
  table.place(0, entry());
  EXPECT_FALSE(table.renumber(0, 0xfffffffe));
  EXPECT_FALSE(table.renumber(0, 1));
  EXPECT_FALSE(table.renumber(1, 0));
  EXPECT_FALSE(table.close(0xffffffff));
  EXPECT_EQ(table.find(0xffffffff), nullptr);
  EXPECT_NE(table.find(0), nullptr);
}

TEST(FdTable, RenumberClosesTheTargetOnce) {
  FdTable table(8);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Fd reader(ends[0]);
  auto target = entry();
  target->file = Fd(ends[1]);
  table.place(0, entry(right::fd_read));
  table.place(1, std::move(target));
  EXPECT_TRUE(table.renumber(1, 1));
  EXPECT_NE(table.find(1), nullptr);
  EXPECT_TRUE(table.renumber(0, 1));
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_TRUE(table.find(1)->has(right::fd_read));
  char byte;
  EXPECT_EQ(read(reader.get(), &byte, 1), 0);  // the last writer is gone
}

TEST(FdEntry, HasWhatItsRightsImply) {
  EXPECT_TRUE(entry(right::fd_seek)->has(right::fd_tell));
  EXPECT_FALSE(entry(right::fd_tell)->has(right::fd_seek));
  EXPECT_TRUE(entry(right::fd_sync)->has(right::fd_datasync));
  EXPECT_FALSE(entry(right::fd_read)->has(right::fd_read | right::fd_write));
  EXPECT_TRUE(entry()->has(0));
}

TEST(Stdio, GivesNoRightToChangeWhatAFileHeldBefore) {
  Fd file(open("/tmp", O_TMPFILE | O_RDWR, 0600));
  ASSERT_TRUE(file.valid());
  auto out = stdio_entry(file.get(), false);
  ASSERT_NE(out, nullptr);
  EXPECT_TRUE(out->has(right::fd_write | right::fd_tell));
  for (Rights forbidden : {right::fd_read, right::fd_seek, right::fd_filestat_set_size,
                           right::fd_allocate, right::fd_filestat_set_times}) {
    EXPECT_FALSE(out->has(forbidden)) << forbidden;
  }
  auto in = stdio_entry(file.get(), true);
  EXPECT_TRUE(in->has(right::fd_read | right::fd_seek));
  EXPECT_FALSE(in->has(right::fd_write));
}

TEST(Stdio, TellsATerminalFromTheNullDevice) {
  Fd null(open("/dev/null", O_RDWR));
  auto entry = stdio_entry(null.get(), false);
  EXPECT_EQ(entry->type, FileType::character_device);
  EXPECT_TRUE(entry->has(right::fd_tell));  // wasi-libc: not a terminal
  Fd terminal(open("/dev/ptmx", O_RDWR | O_NOCTTY));
  if (!terminal.valid()) GTEST_SKIP() << "no terminals here";
  entry = stdio_entry(terminal.get(), false);
  EXPECT_EQ(entry->type, FileType::character_device);
  EXPECT_FALSE(entry->has(right::fd_tell));
}

TEST(Stdio, IsNothingWhereNothingIsOpen) {
  EXPECT_EQ(stdio_entry(-1, true), nullptr);
  EXPECT_EQ(stdio_entry(1'000'000, true), nullptr);
}

}  // namespace
}  // namespace cordon::wasi
