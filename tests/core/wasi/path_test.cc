// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// path_*: rights, numbers and copying. That no path leaves its grant is the broker's own test
// (tests/sandbox/path_broker/path_service_test.cc); here, that nothing gets around the broker.
#include <fcntl.h>
#include <unistd.h>

#include "tests/core/wasi/caller.h"

namespace cordon::wasi {
namespace {

// path_rename, path_link and path_symlink take two paths.
Errno two_paths(WasiCaller& guest, std::string_view name, std::vector<uint64_t> before,
                std::string_view from, std::vector<uint64_t> between, std::string_view to) {
  before.insert(before.end(), {kPathAt, guest.put_text(kPathAt, from)});
  before.insert(before.end(), between.begin(), between.end());
  before.insert(before.end(), {kPath2At, guest.put_text(kPath2At, to)});
  return guest.call(name, std::move(before));
}

void make_file(const std::string& path, std::string_view text) {
  Fd fd(open(path.c_str(), O_CREAT | O_WRONLY, 0666));
  ASSERT_EQ(write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(PathOpen, CreatesExclusivelyAndTruncates) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f", oflag::kCreat | oflag::kExcl);
  EXPECT_EQ(fd, kFirstFree);
  ASSERT_EQ(guest.write(fd, "text"), Errno::success);
  EXPECT_EQ(guest.open(kRw, "f", oflag::kCreat | oflag::kExcl, right::fd_read, fd), Errno::exist);
  EXPECT_EQ(guest.open(kRw, "g", 0, right::fd_read, fd), Errno::noent);
  fd = guest.must_open(kRw, "f", oflag::kTrunc);
  std::string text;
  ASSERT_EQ(guest.read(fd, 10, text), Errno::success);
  EXPECT_EQ(text, "");
}

TEST(PathOpen, AsksTheBrokerForNoMoreThanTheRightsAskedFor) {
  WasiCaller guest;
  uint32_t fd;
  ASSERT_EQ(guest.open(kRw, "f", oflag::kCreat, right::fd_read, fd), Errno::success);
  EXPECT_TRUE(guest.broker.last_open.read);
  EXPECT_FALSE(guest.broker.last_open.write);
  EXPECT_EQ(guest.write(fd, "x"), Errno::badf);
  ASSERT_EQ(guest.open(kRw, "f", 0, right::fd_write, fd, fdflag::kAppend), Errno::success);
  EXPECT_FALSE(guest.broker.last_open.read);
  EXPECT_TRUE(guest.broker.last_open.write);
  EXPECT_TRUE(guest.broker.last_open.append);
  ASSERT_EQ(guest.open(kRw, "f", 0, 0, fd, fdflag::kAppend), Errno::success);
  EXPECT_FALSE(guest.broker.last_open.append);
  // Go requests these for every file: only fd_write shows that a file is to be written.
  for (Rights other :
       {right::fd_allocate, right::fd_filestat_set_size, kAllRights & ~right::fd_write}) {
    ASSERT_EQ(guest.open(kRw, "f", 0, other, fd), Errno::success);
    EXPECT_FALSE(guest.broker.last_open.write);
    ASSERT_EQ(guest.call("fd_fdstat_get", {fd, 0}), Errno::success);
    EXPECT_EQ(guest.get<Fdstat>(0).rights_base & (right::fd_allocate | right::fd_filestat_set_size),
              0U);
    EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 0}), Errno::inval);
    EXPECT_EQ(guest.call("fd_allocate", {fd, 0, 1}), Errno::badf);
  }
  // A directory is never opened for writing, whatever is requested (AssemblyScript requests all).
  ASSERT_EQ(guest.open(kRw, ".", oflag::kDirectory, ~Rights{0}, fd, 0, ~Rights{0}), Errno::success);
  EXPECT_FALSE(guest.broker.last_open.write);
  ASSERT_EQ(guest.with_path("path_open", {kRw, 0}, "f", {0, 0, 0, 0, kScratch}), Errno::success);
  EXPECT_FALSE(guest.broker.last_open.follow);
}

TEST(PathOpen, LeavesOutRightsThatTheDirectoryDoesNotPassOn) {
  WasiCaller guest;
  uint32_t fd;
  make_file(guest.broker.host_path(0) + "/f", "x");
  ASSERT_EQ(guest.open(kRw, "f", 0, ~Rights{0}, fd, 0, ~Rights{0}), Errno::success);
  ASSERT_EQ(guest.call("fd_fdstat_get", {fd, 0}), Errno::success);
  EXPECT_EQ(guest.get<Fdstat>(0).rights_base, right::kFile);
  ASSERT_EQ(guest.call("fd_fdstat_set_rights", {kRw, right::path_open, right::fd_read}),
            Errno::success);
  EXPECT_EQ(guest.open(kRw, "f", oflag::kCreat, right::fd_read, fd), Errno::notcapable);
  ASSERT_EQ(guest.open(kRw, "f", 0, right::fd_read | right::fd_write, fd), Errno::success);
  EXPECT_FALSE(guest.broker.last_open.write);
  EXPECT_EQ(guest.write(fd, "y"), Errno::badf);
  ASSERT_EQ(guest.call("fd_fdstat_get", {fd, 0}), Errno::success);
  EXPECT_EQ(guest.get<Fdstat>(0).rights_base, right::fd_read);
}

// access(W_OK) of wasi-libc looks at what the directory passes on, and its open() leaves out what
// the directory does not.
TEST(PathOpen, AReadOnlyGrantIsToldByItsRights) {  // [F1]
  WasiCaller guest;
  make_file(guest.broker.host_path(1) + "/f", "text");
  ASSERT_EQ(guest.call("fd_fdstat_get", {kRo, 0}), Errno::success);
  const auto ro = guest.get<Fdstat>(0);
  EXPECT_EQ(ro.rights_inheriting & (right::fd_write | right::fd_filestat_set_size), 0U);
  EXPECT_EQ(ro.rights_base & (right::path_create_file | right::path_unlink_file), 0U);
  EXPECT_NE(ro.rights_inheriting & right::fd_read, 0U);
  constexpr Rights kWriteOnly = right::fd_datasync | right::fd_write | right::fd_allocate |
                                right::fd_filestat_set_size | right::fd_seek | right::fd_tell;
  uint32_t fd;
  EXPECT_EQ(guest.open(kRo, "f", 0, kWriteOnly & ro.rights_inheriting, fd, 0, ro.rights_inheriting),
            Errno::rofs);
  // Also beneath a directory that was opened there.
  ASSERT_EQ(guest.open(kRo, ".", oflag::kDirectory, kAllRights & ro.rights_base, fd, 0,
                       ro.rights_inheriting),
            Errno::success);
  ASSERT_EQ(guest.call("fd_fdstat_get", {fd, 0}), Errno::success);
  EXPECT_EQ(guest.get<Fdstat>(0).rights_base & right::path_unlink_file, 0U);
  EXPECT_EQ(guest.with_path("path_unlink_file", {fd}, "f"), Errno::rofs);
  uint32_t created;
  EXPECT_EQ(guest.open(fd, "new", oflag::kCreat, right::fd_read, created), Errno::rofs);
  EXPECT_EQ(guest.open(fd, "f", 0, kWriteOnly & ro.rights_inheriting, fd), Errno::rofs);
  // Go's rights of a file that is only read.
  EXPECT_EQ(guest.open(kRo, "f", 0,
                       kAllRights & ~(right::fd_datasync | right::fd_write | right::fd_allocate |
                                      right::path_filestat_set_size),
                       fd),
            Errno::success);
}

TEST(PathOpen, DirectoriesPassOnWhatTheyWereGiven) {
  WasiCaller guest;
  ASSERT_EQ(guest.with_path("path_create_directory", {kRw}, "d"), Errno::success);
  uint32_t dir, fd;
  ASSERT_EQ(guest.open(kRw, "d", oflag::kDirectory, right::path_open | right::fd_read, dir, 0,
                       right::fd_read),
            Errno::success);
  ASSERT_EQ(guest.call("fd_fdstat_get", {dir, 0}), Errno::success);
  EXPECT_EQ(guest.get<Fdstat>(0).filetype, FileType::directory);
  EXPECT_EQ(guest.get<Fdstat>(0).rights_base, right::path_open);
  EXPECT_EQ(guest.get<Fdstat>(0).rights_inheriting, right::fd_read);
  EXPECT_EQ(guest.open(dir, "f", oflag::kCreat, right::fd_read, fd), Errno::notcapable);
  make_file(guest.broker.host_path(0) + "/d/f", "x");
  EXPECT_EQ(guest.open(dir, "f", 0, right::fd_read, fd), Errno::success);
  EXPECT_EQ(guest.broker.open_directories(), 3U);
  EXPECT_EQ(guest.call("fd_close", {dir}), Errno::success);
  EXPECT_EQ(guest.broker.open_directories(), 2U);
}

TEST(PathOpen, AReadOnlyGrantSaysSoAtOpen) {  // [F1]
  WasiCaller guest;
  make_file(guest.broker.host_path(1) + "/f", "text");
  uint32_t fd;
  EXPECT_EQ(guest.open(kRo, "f", 0, right::fd_write, fd), Errno::rofs);
  EXPECT_EQ(guest.open(kRo, "f", oflag::kTrunc, right::fd_read, fd), Errno::rofs);
  EXPECT_EQ(guest.open(kRo, "g", oflag::kCreat, right::fd_read, fd), Errno::rofs);
  ASSERT_EQ(guest.open(kRo, "f", 0, right::fd_read, fd), Errno::success);
  // Rights that the kernel would have to refuse cannot be had later either.
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 0}), Errno::inval);
  EXPECT_EQ(guest.call("fd_filestat_set_times", {fd, 1, 1, fstflag::kMtim}), Errno::rofs);
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {fd, right::fd_read | right::fd_write, 0}),
            Errno::notcapable);
}

TEST(PathOpen, AFullTableOpensNothing) {  // [L1]
  WasiConfig config;
  config.limits.open_fds = 7;
  WasiCaller guest(config);
  guest.must_open(kRw, "a");
  guest.must_open(kRw, "b");
  uint32_t fd;
  EXPECT_EQ(guest.open(kRw, "c", oflag::kCreat, right::fd_read, fd), Errno::mfile);
  EXPECT_EQ(guest.with_path("path_filestat_get", {kRw, 0}, "c", {0}), Errno::noent);
  ASSERT_EQ(guest.call("fd_close", {5}), Errno::success);
  EXPECT_EQ(guest.open(kRw, "c", oflag::kCreat, right::fd_read, fd), Errno::success);
  EXPECT_EQ(fd, 5U);
}

TEST(Path, EscapesAreTheBrokersToRefuse) {  // [F1]
  WasiCaller guest;
  uint32_t fd;
  for (std::string_view path : {"/etc/passwd", "../x", "a/../../x"}) {
    EXPECT_EQ(guest.open(kRw, path, 0, right::fd_read, fd), Errno::perm) << path;
    EXPECT_EQ(guest.with_path("path_filestat_get", {kRw, 1}, path, {0}), Errno::perm);
    EXPECT_EQ(guest.with_path("path_unlink_file", {kRw}, path), Errno::perm);
    EXPECT_EQ(two_paths(guest, "path_rename", {kRw}, "f", {kRw}, path), Errno::perm);
  }
}

TEST(Path, MakesRenamesLinksAndRemoves) {
  WasiCaller guest;
  EXPECT_EQ(guest.with_path("path_create_directory", {kRw}, "d"), Errno::success);
  EXPECT_EQ(guest.with_path("path_create_directory", {kRw}, "d"), Errno::exist);
  EXPECT_EQ(guest.write(guest.must_open(kRw, "a"), "text"), Errno::success);
  EXPECT_EQ(two_paths(guest, "path_rename", {kRw}, "a", {kRw}, "d/b"), Errno::success);
  EXPECT_EQ(two_paths(guest, "path_link", {kRw, 0}, "d/b", {kRw}, "c"), Errno::success);
  ASSERT_EQ(guest.with_path("path_filestat_get", {kRw, 0}, "c", {0}), Errno::success);
  EXPECT_EQ(guest.get<Filestat>(0).nlink, 2U);
  EXPECT_EQ(guest.get<Filestat>(0).size, 4U);
  EXPECT_EQ(guest.with_path("path_remove_directory", {kRw}, "d"), Errno::notempty);
  EXPECT_EQ(guest.with_path("path_unlink_file", {kRw}, "d/b"), Errno::success);
  EXPECT_EQ(guest.with_path("path_remove_directory", {kRw}, "d"), Errno::success);
  EXPECT_EQ(guest.with_path("path_filestat_get", {kRw, 0}, "d", {0}), Errno::noent);
}

TEST(Path, NothingIsChangedInAReadOnlyGrant) {  // [F1]
  WasiCaller guest;
  make_file(guest.broker.host_path(1) + "/f", "text");
  guest.must_open(kRw, "f");
  EXPECT_EQ(guest.with_path("path_create_directory", {kRo}, "d"), Errno::rofs);
  EXPECT_EQ(guest.with_path("path_remove_directory", {kRo}, "d"), Errno::rofs);
  EXPECT_EQ(guest.with_path("path_unlink_file", {kRo}, "f"), Errno::rofs);
  EXPECT_EQ(two_paths(guest, "path_rename", {kRo}, "f", {kRw}, "g"), Errno::rofs);
  EXPECT_EQ(two_paths(guest, "path_rename", {kRw}, "f", {kRo}, "g"), Errno::rofs);
  EXPECT_EQ(two_paths(guest, "path_link", {kRo, 0}, "f", {kRw}, "g"), Errno::rofs);
  EXPECT_EQ(two_paths(guest, "path_symlink", {}, "f", {kRo}, "g"), Errno::rofs);
  EXPECT_EQ(guest.with_path("path_filestat_set_times", {kRo, 0}, "f", {1, 1, fstflag::kMtim}),
            Errno::rofs);
}

TEST(Path, SetsTimes) {
  WasiCaller guest;
  guest.must_open(kRw, "f");
  EXPECT_EQ(guest.with_path("path_filestat_set_times", {kRw, 1}, "f",
                            {3'000'000'004, 5, fstflag::kAtim | fstflag::kMtim}),
            Errno::success);
  ASSERT_EQ(guest.with_path("path_filestat_get", {kRw, 1}, "f", {0}), Errno::success);
  EXPECT_EQ(guest.get<Filestat>(0).atim, 3'000'000'004U);
  EXPECT_EQ(guest.get<Filestat>(0).mtim, 5U);
  EXPECT_EQ(guest.with_path("path_filestat_set_times", {kRw, 1}, "f",
                            {0, 0, fstflag::kAtim | fstflag::kAtimNow}),
            Errno::inval);
}

TEST(PathReadlink, CutsOffWhatDoesNotFit) {
  WasiCaller guest;
  ASSERT_EQ(two_paths(guest, "path_symlink", {}, "target", {kRw}, "l"), Errno::success);
  auto readlink = [&](uint32_t at, uint32_t size) {
    return guest.with_path("path_readlink", {kRw}, "l", {at, size, kScratch});
  };
  ASSERT_EQ(readlink(kDataAt, 100), Errno::success);
  EXPECT_EQ(guest.text(kDataAt, guest.get<uint32_t>(kScratch)), "target");
  ASSERT_EQ(readlink(kEnd - 3, 3), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(kScratch), 3U);
  EXPECT_EQ(guest.text(kEnd - 3, 3), "tar");
  ASSERT_EQ(readlink(kEnd, 0), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(kScratch), 0U);
  EXPECT_EQ(readlink(kEnd - 3, 4), Errno::fault);
  guest.must_open(kRw, "f");
  EXPECT_EQ(guest.with_path("path_readlink", {kRw}, "f", {kDataAt, 9, kScratch}), Errno::inval);
}

TEST(Path, ABrokersErrorIsTheAnswerAndLeavesNothing) {
  WasiCaller guest;
  uint32_t fd;
  for (auto [error, expected] :
       {std::pair{EIO, Errno::io}, {ENOSPC, Errno::nospc}, {EMFILE, Errno::mfile}}) {
    guest.broker.fail_next = error;
    EXPECT_EQ(guest.open(kRw, "f", oflag::kCreat, right::fd_read, fd), expected);
    guest.broker.fail_next = error;
    EXPECT_EQ(guest.with_path("path_filestat_get", {kRw, 0}, ".", {0}), expected);
    guest.broker.fail_next = error;
    EXPECT_EQ(guest.call("fd_filestat_get", {kRw, 0}), expected);
    guest.broker.fail_next = error;
    EXPECT_EQ(guest.call("fd_readdir", {kRw, kDataAt, 100, 0, 0}), expected);
  }
  EXPECT_EQ(guest.must_open(kRw, "f"), kFirstFree);
}

}  // namespace
}  // namespace cordon::wasi
