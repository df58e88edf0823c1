// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What every function relies on: arguments from a hostile guest. Tried through functions that take
// each kind.
#include "core/wasi/kinds.h"

#include "tests/core/wasi/caller.h"

namespace cordon::wasi {
namespace {

TEST(Kinds, AnEmptyBufferMustStillLieInMemory) {
  WasiCaller guest;
  EXPECT_EQ(guest.call("random_get", {kEnd, 0}), Errno::success);
  EXPECT_EQ(guest.call("random_get", {kEnd + 1, 0}), Errno::fault);
  EXPECT_EQ(guest.call("random_get", {~0U, 0}), Errno::fault);
}

TEST(Kinds, ABufferCanNotWrapAroundTheAddressSpace) {
  WasiCaller guest;
  EXPECT_EQ(guest.call("random_get", {kEnd - 8, 8}), Errno::success);
  EXPECT_EQ(guest.call("random_get", {kEnd - 8, 9}), Errno::fault);
  EXPECT_EQ(guest.call("random_get", {8, 0xfffffff8}), Errno::fault);
  EXPECT_EQ(guest.call("random_get", {0xfffffff8, 16}), Errno::fault);
  EXPECT_EQ(guest.call("random_get", {~0U, ~0U}), Errno::fault);
}

TEST(Kinds, OnlyTheLowHalfOfAnI32SlotCounts) {
  WasiCaller guest;
  EXPECT_EQ(guest.call("random_get", {uint64_t{1} << 32, (uint64_t{7} << 32) | 8}), Errno::success);
}

TEST(Kinds, AnOutPointerIsCheckedBeforeAnythingHappens) {
  WasiCaller guest;
  guest.put_text(kPathAt, "new");
  for (uint64_t out : {kEnd - 3, kEnd, 0xfffffffcU, 0xffffffffU}) {
    EXPECT_EQ(
        guest.call("path_open", {kRw, 0, kPathAt, 3, oflag::kCreat, right::fd_read, 0, 0, out}),
        Errno::fault);
  }
  EXPECT_EQ(guest.with_path("path_filestat_get", {kRw, 0}, "new", {0}), Errno::noent);
}

TEST(Kinds, UnknownFlagsAreRefused) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f");
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {fd, fdflag::kAll + 1}), Errno::inval);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {fd, 0x80000000}), Errno::inval);
  EXPECT_EQ(guest.with_path("path_filestat_get", {kRw, 2}, "f", {0}), Errno::inval);
}

TEST(Kinds, APathIsShortWithoutNulAndInMemory) {
  WasiCaller guest;
  EXPECT_EQ(guest.with_path("path_unlink_file", {kRw}, std::string("a\0b", 3)), Errno::inval);
  std::memset(guest.memory->base() + kDataAt, 'a', kMaxPath + 1);
  EXPECT_EQ(guest.call("path_unlink_file", {kRw, kDataAt, kMaxPath + 1}), Errno::nametoolong);
  EXPECT_EQ(guest.call("path_unlink_file", {kRw, kDataAt, kMaxPath}),
            Errno::nametoolong);  // Linux's
  EXPECT_EQ(guest.call("path_unlink_file", {kRw, kDataAt, ~0U}), Errno::fault);
  EXPECT_EQ(guest.call("path_unlink_file", {kRw, kEnd - 1, 2}), Errno::fault);
  EXPECT_EQ(guest.call("path_unlink_file", {kRw, kEnd, 0}), Errno::noent);
}

TEST(Kinds, AHugeListOfBuffersIsAFault) {
  WasiCaller guest;
  for (uint64_t count : {0x80000000U, 0xffffffffU, 0x20000000U, kEnd / 8 + 1}) {
    EXPECT_EQ(guest.call("fd_write", {1, 0, count, kScratch}), Errno::fault) << count;
  }
  EXPECT_EQ(guest.call("fd_write", {1, kEnd - 7, 1, kScratch}), Errno::fault);
  EXPECT_EQ(guest.call("fd_write", {1, 0xfffffff8, 1, kScratch}), Errno::fault);
  EXPECT_EQ(guest.call("fd_write", {1, kEnd, 0, kScratch}), Errno::success);
}

TEST(Kinds, EachBufferOfAListIsChecked) {
  WasiCaller guest;
  for (GuestIovec bad :
       {GuestIovec{kEnd, 1}, GuestIovec{kEnd - 1, 2}, GuestIovec{~0U, 1},
        GuestIovec{0xffffff00, 0x200}, GuestIovec{1, ~0U}, GuestIovec{kEnd + 1, 0}}) {
    guest.put_iovecs(kIovecAt, {{kDataAt, 1}, bad});
    EXPECT_EQ(guest.call("fd_write", {1, kIovecAt, 2, kScratch}), Errno::fault) << bad.at;
    EXPECT_EQ(guest.call("fd_read", {0, kIovecAt, 2, kScratch}), Errno::fault) << bad.at;
  }
}

TEST(Kinds, ADescriptorIsOpenOfTheRightKindAndHasTheRight) {
  WasiCaller guest;
  uint32_t file = guest.must_open(kRw, "f");
  for (uint64_t number : {uint64_t{kFirstFree + 1}, uint64_t{1000}, uint64_t{0xffffffff}}) {
    EXPECT_EQ(guest.call("fd_sync", {number}), Errno::badf) << number;
  }
  EXPECT_EQ(guest.with_path("path_unlink_file", {file}, "f"), Errno::notdir);
  EXPECT_EQ(guest.call("fd_readdir", {file, kDataAt, 100, 0, kScratch}), Errno::notdir);
  EXPECT_EQ(guest.call("fd_tell", {kRw, kScratch}), Errno::badf);
  EXPECT_EQ(guest.call("fd_read", {1, kIovecAt, 0, kScratch}), Errno::badf);
  EXPECT_EQ(guest.call("fd_write", {0, kIovecAt, 0, kScratch}), Errno::badf);
}

TEST(Kinds, EachDescriptorNeedsItsOwnRight) {
  WasiCaller guest;
  ASSERT_EQ(
      guest.call("fd_fdstat_set_rights", {kRw, right::kDirectory & ~right::path_rename_target, 0}),
      Errno::success);
  guest.put_text(kPathAt, "ab");
  EXPECT_EQ(guest.call("path_rename", {kRw, kPathAt, 1, kRw, kPathAt + 1, 1}), Errno::notcapable);
  EXPECT_EQ(guest.call("path_rename", {kRw, kPathAt, 1, kRo, kPathAt + 1, 1}), Errno::rofs);
}

TEST(Kinds, AGuestWithoutMemoryGetsFaults) {
  WasiCaller guest;
  guest.memory.reset();
  EXPECT_EQ(guest.call("random_get", {0, 0}), Errno::fault);
  EXPECT_EQ(guest.call("args_sizes_get", {0, 0}), Errno::fault);
  EXPECT_EQ(guest.call("args_get", {0, 0}), Errno::fault);
  EXPECT_EQ(guest.call("poll_oneoff", {0, 0, 1, 0}), Errno::fault);
  EXPECT_EQ(guest.call("sched_yield", {}), Errno::success);
}

}  // namespace
}  // namespace cordon::wasi
