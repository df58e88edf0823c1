// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "tests/core/wasi/caller.h"

namespace cordon::wasi {
namespace {

constexpr uint64_t kHuge = uint64_t{1} << 63;

size_t open_files() {
  auto list = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(list), end(list)));
}

TEST(Fd, PreopensAreFoundAsWasiLibcLooksForThem) {
  WasiCaller guest;
  std::vector<std::string> found;
  for (uint32_t fd = 3; guest.call("fd_prestat_get", {fd, 0}) != Errno::badf; ++fd) {
    auto stat = guest.get<Prestat>(0);
    EXPECT_EQ(stat.tag, 0);
    ASSERT_EQ(guest.call("fd_prestat_dir_name", {fd, 64, stat.name_size}), Errno::success);
    found.push_back(guest.text(64, stat.name_size));
  }
  EXPECT_EQ(found, (std::vector<std::string>{"/rw", "/ro"}));
  EXPECT_EQ(guest.call("fd_prestat_dir_name", {kRw, 64, 2}), Errno::nametoolong);
  EXPECT_EQ(guest.call("fd_prestat_dir_name", {kRw, kEnd - 2, 3}), Errno::fault);
  EXPECT_EQ(guest.call("fd_prestat_get", {1, 0}), Errno::badf);
  EXPECT_EQ(guest.call("fd_prestat_dir_name", {1, 0, 0}), Errno::badf);
  uint32_t fd = guest.must_open(kRw, "f");
  EXPECT_EQ(guest.call("fd_prestat_get", {fd, 0}), Errno::badf);
}

TEST(Fd, FdstatTellsTypeFlagsAndRights) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f", oflag::kCreat, fdflag::kAppend | fdflag::kDsync);
  ASSERT_EQ(guest.call("fd_fdstat_get", {fd, kEnd - 24}), Errno::success);
  auto stat = guest.get<Fdstat>(kEnd - 24);
  EXPECT_EQ(stat.filetype, FileType::regular_file);
  EXPECT_EQ(stat.flags, fdflag::kAppend | fdflag::kDsync);
  EXPECT_EQ(stat.rights_base, right::kFile);
  ASSERT_EQ(guest.call("fd_fdstat_get", {kRw, 0}), Errno::success);
  stat = guest.get<Fdstat>(0);
  EXPECT_EQ(stat.filetype, FileType::directory);
  EXPECT_EQ(stat.flags, 0);
  EXPECT_EQ(stat.rights_base, right::kDirectory);
  EXPECT_EQ(stat.rights_inheriting, kAllRights);
  EXPECT_EQ(guest.call("fd_fdstat_get", {kRw, kEnd - 23}), Errno::fault);
}

TEST(Fd, RightsCanOnlyBeGivenUp) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f");
  ASSERT_EQ(guest.call("fd_fdstat_set_rights", {fd, right::fd_read, 0}), Errno::success);
  EXPECT_EQ(guest.write(fd, "x"), Errno::badf);
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {fd, right::fd_read | right::fd_write, 0}),
            Errno::notcapable);
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {fd, right::fd_read, right::fd_read}),
            Errno::notcapable);
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {kRw, ~uint64_t{0}, 0}), Errno::notcapable);
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {fd, 0, 0}), Errno::success);
  EXPECT_EQ(guest.call("fd_tell", {fd, 0}), Errno::notcapable);
  EXPECT_EQ(guest.call("fd_close", {fd}), Errno::success);
}

TEST(Fd, SetFlagsTurnsAppendOnAndOff) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f");
  ASSERT_EQ(guest.write(fd, "12345"), Errno::success);
  ASSERT_EQ(guest.call("fd_fdstat_set_flags", {fd, fdflag::kAppend}), Errno::success);
  ASSERT_EQ(guest.call("fd_seek", {fd, 0, kWhenceSet, kScratch}), Errno::success);
  ASSERT_EQ(guest.write(fd, "6"), Errno::success);
  ASSERT_EQ(guest.call("fd_fdstat_set_flags", {fd, 0}), Errno::success);
  ASSERT_EQ(guest.call("fd_seek", {fd, 0, kWhenceSet, kScratch}), Errno::success);
  ASSERT_EQ(guest.write(fd, "x"), Errno::success);
  std::string text;
  ASSERT_EQ(guest.call("fd_seek", {fd, 0, kWhenceSet, kScratch}), Errno::success);
  ASSERT_EQ(guest.read(fd, 100, text), Errno::success);
  EXPECT_EQ(text, "x23456");
}

TEST(Fd, SharedStreamsKeepTheirKernelFlags) {
  WasiCaller guest;
  int host = guest.wasi->config().stdio[0];
  int before = fcntl(host, F_GETFL);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {0, fdflag::kNonblock}), Errno::success);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {0, fdflag::kAppend}), Errno::notsup);
  EXPECT_EQ(fcntl(host, F_GETFL), before);
  ASSERT_EQ(guest.call("fd_fdstat_get", {0, 0}), Errno::success);
  EXPECT_EQ(guest.get<Fdstat>(0).flags, fdflag::kNonblock);
}

TEST(Fd, ClosingAStreamOfTheHostOnlyForgetsIt) {
  WasiCaller guest;
  EXPECT_EQ(guest.call("fd_close", {1}), Errno::success);
  EXPECT_EQ(guest.write(1, "x"), Errno::badf);
  EXPECT_GE(fcntl(guest.wasi->config().stdio[1], F_GETFL), 0);
  EXPECT_EQ(guest.call("fd_close", {1}), Errno::badf);
}

TEST(Fd, MissingStreamsAreBadfAndPreopensStayWhereTheyAre) {
  WasiConfig config;
  config.stdio = {-1, -1, -1};
  WasiCaller guest(config);
  EXPECT_EQ(guest.write(1, "x"), Errno::badf);
  EXPECT_EQ(guest.call("fd_prestat_get", {3, 0}), Errno::success);
}

TEST(Fd, SeekAndTell) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f");
  ASSERT_EQ(guest.write(fd, "0123456789"), Errno::success);
  auto seek = [&](int64_t offset, uint32_t whence) {
    return guest.call("fd_seek", {fd, static_cast<uint64_t>(offset), whence, 0});
  };
  EXPECT_EQ(seek(-3, kWhenceEnd), Errno::success);
  EXPECT_EQ(guest.get<uint64_t>(0), 7U);
  EXPECT_EQ(seek(-2, kWhenceCur), Errno::success);
  EXPECT_EQ(guest.get<uint64_t>(0), 5U);
  EXPECT_EQ(guest.call("fd_tell", {fd, 8}), Errno::success);
  EXPECT_EQ(guest.get<uint64_t>(8), 5U);
  EXPECT_EQ(seek(-1, kWhenceSet), Errno::inval);
  EXPECT_EQ(seek(0, 3), Errno::inval);
  EXPECT_EQ(seek(0, ~0U), Errno::inval);
  EXPECT_EQ(seek(std::numeric_limits<int64_t>::min(), kWhenceCur), Errno::inval);
  EXPECT_EQ(guest.call("fd_seek", {fd, 0, 0, kEnd - 7}), Errno::fault);
}

TEST(Fd, TheRightToTellLooksButDoesNotMove) {
  WasiCaller guest;
  uint32_t fd = 0;
  ASSERT_EQ(guest.open(kRw, "f", oflag::kCreat, right::fd_tell, fd), Errno::success);
  EXPECT_EQ(guest.call("fd_seek", {fd, 0, kWhenceCur, 0}), Errno::success);
  EXPECT_EQ(guest.call("fd_seek", {fd, 1, kWhenceCur, 0}), Errno::notcapable);
  EXPECT_EQ(guest.call("fd_seek", {fd, 0, kWhenceSet, 0}), Errno::notcapable);
}

TEST(Fd, APipeHasNoPosition) {
  WasiCaller guest;
  EXPECT_EQ(guest.call("fd_tell", {0, 0}), Errno::spipe);
  EXPECT_EQ(guest.call("fd_seek", {0, 0, kWhenceCur, 0}), Errno::spipe);
  EXPECT_EQ(guest.call("fd_seek", {0, 1, kWhenceSet, 0}), Errno::spipe);
  EXPECT_EQ(guest.call("fd_advise", {0, 0, 0, 0}), Errno::spipe);
}

TEST(Fd, SizeAllocateAdviseAndSync) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f");
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 1000}), Errno::success);
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, kHuge}), Errno::inval);
  EXPECT_EQ(guest.call("fd_allocate", {fd, 0, 5000}), Errno::success);
  EXPECT_EQ(guest.call("fd_allocate", {fd, 0, 0}), Errno::inval);
  EXPECT_EQ(guest.call("fd_allocate", {fd, kHuge, 1}), Errno::fbig);
  EXPECT_EQ(guest.call("fd_allocate", {fd, kHuge - 1, kHuge - 1}), Errno::fbig);
  for (uint64_t advice = 0; advice <= kAdviceLast; ++advice) {
    EXPECT_EQ(guest.call("fd_advise", {fd, 0, 100, advice}), Errno::success);
  }
  EXPECT_EQ(guest.call("fd_advise", {fd, 0, 0, kAdviceLast + 1}), Errno::inval);
  EXPECT_EQ(guest.call("fd_advise", {fd, kHuge, 0, 0}), Errno::inval);
  EXPECT_EQ(guest.call("fd_sync", {fd}), Errno::success);
  EXPECT_EQ(guest.call("fd_datasync", {fd}), Errno::success);
  EXPECT_EQ(guest.call("fd_sync", {kRw}), Errno::success);
  EXPECT_EQ(guest.call("fd_datasync", {kRw}), Errno::success);
  ASSERT_EQ(guest.call("fd_filestat_get", {fd, 0}), Errno::success);
  EXPECT_EQ(guest.get<Filestat>(0).size, 5000U);
  EXPECT_EQ(guest.get<Filestat>(0).filetype, FileType::regular_file);
  ASSERT_EQ(guest.call("fd_filestat_get", {kRo, 0}), Errno::success);
  EXPECT_EQ(guest.get<Filestat>(0).filetype, FileType::directory);
}

TEST(Fd, TimesAreSetByNameWhileTheNameIsTheFile) {  // [F1]
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f");
  auto set = [&](uint32_t number) {
    return guest.call("fd_filestat_set_times",
                      {number, 0, 42'000'000'007, fstflag::kMtim | fstflag::kAtimNow});
  };
  EXPECT_EQ(set(fd), Errno::success);
  ASSERT_EQ(guest.call("fd_filestat_get", {fd, 0}), Errno::success);
  EXPECT_EQ(guest.get<Filestat>(0).mtim, 42'000'000'007U);
  EXPECT_EQ(set(kRw), Errno::success);
  EXPECT_EQ(set(kRo), Errno::rofs);
  EXPECT_EQ(set(1), Errno::notcapable);
  guest.put_text(kPathAt, "fg");
  ASSERT_EQ(guest.call("path_rename", {kRw, kPathAt, 1, kRw, kPathAt + 1, 1}), Errno::success);
  auto mtime = [&](uint32_t number) {
    EXPECT_EQ(guest.call("fd_filestat_get", {number, 0}), Errno::success);
    return guest.get<Filestat>(0).mtim;
  };
  // They are the file's, whatever became of its name.
  uint32_t other = guest.must_open(kRw, "f");
  auto set_to = [&](uint64_t time) {
    return guest.call("fd_filestat_set_times", {fd, 0, time, fstflag::kMtim});
  };
  EXPECT_EQ(set_to(7), Errno::success);
  EXPECT_EQ(mtime(fd), 7U);
  EXPECT_GT(mtime(other), 1'000'000'000'000'000'000U);
  ASSERT_EQ(guest.with_path("path_unlink_file", {kRw}, "g"), Errno::success);
  EXPECT_EQ(set_to(8), Errno::success);
  EXPECT_EQ(mtime(fd), 8U);
}

TEST(Fd, TheBrokerHearsOfEveryFileThatIsClosed) {  // [L1]
  WasiCaller guest;
  uint32_t named = guest.must_open(kRw, "f"), unlinked = guest.must_open(kRw, "g");
  EXPECT_EQ(guest.broker.open_files(), 2U);
  ASSERT_EQ(guest.with_path("path_unlink_file", {kRw}, "g"), Errno::success);
  EXPECT_EQ(guest.call("fd_close", {named}), Errno::success);
  EXPECT_EQ(guest.broker.closed_unlinked, 0U);
  EXPECT_EQ(guest.call("fd_close", {unlinked}), Errno::success);
  EXPECT_EQ(guest.broker.closed_unlinked, 1U);
  EXPECT_EQ(guest.broker.open_files(), 0U);
}

TEST(Fd, AFileOfAReadOnlyGrantKeepsItsTimes) {  // [F1]
  WasiCaller guest;
  std::string path = guest.broker.host_path(1) + "/f";
  Fd(open(path.c_str(), O_CREAT | O_WRONLY, 0666));
  uint32_t fd = 0;
  ASSERT_EQ(guest.open(kRo, "f", 0, right::fd_read | right::fd_filestat_set_times, fd),
            Errno::success);
  EXPECT_EQ(guest.call("fd_filestat_set_times", {fd, 1, 1, fstflag::kAtim | fstflag::kMtim}),
            Errno::rofs);
  struct stat s;
  ASSERT_EQ(stat(path.c_str(), &s), 0);
  EXPECT_GT(s.st_mtim.tv_sec, 1'000'000'000);
}

TEST(Fd, RenumberMovesAndClosesTheTarget) {
  WasiCaller guest;
  uint32_t a = guest.must_open(kRw, "a"), b = guest.must_open(kRw, "b");
  ASSERT_EQ(guest.write(a, "from a"), Errno::success);
  EXPECT_EQ(guest.call("fd_renumber", {a, b}), Errno::success);
  EXPECT_EQ(guest.call("fd_tell", {a, 0}), Errno::badf);
  ASSERT_EQ(guest.call("fd_tell", {b, 0}), Errno::success);
  EXPECT_EQ(guest.get<uint64_t>(0), 6U);
  EXPECT_EQ(guest.call("fd_renumber", {b, b}), Errno::success);
  EXPECT_EQ(guest.call("fd_renumber", {b, 100}), Errno::badf);
  EXPECT_EQ(guest.call("fd_renumber", {100, b}), Errno::badf);
  EXPECT_EQ(guest.call("fd_renumber", {b, ~0U}), Errno::badf);
}

// Thousands of opens, closes and renumbers: what is open afterwards is what should be, here, at the
// broker and in the process.
TEST(Fd, AStormOfRenumbersLosesNothing) {
  size_t files_before = open_files();
  {
    WasiConfig config;
    config.limits.open_fds = 40;
    WasiCaller guest(config);
    size_t files_start = open_files();
    ASSERT_EQ(guest.with_path("path_create_directory", {kRw}, "d"), Errno::success);
    std::vector<char> model(40, ' ');  // f: a file, d: a directory
    std::mt19937 random(1);
    auto pick = [&] { return static_cast<uint32_t>(5 + random() % 36); };  // 40 is never open
    for (int i = 0; i < 20'000; ++i) {
      uint32_t from = pick(), to = pick();
      switch (random() % 3) {
        case 0: {
          bool directory = random() % 2 == 0;
          uint32_t fd = ~0U;
          Errno e = guest.open(kRw, directory ? "d" : "f", directory ? 0 : oflag::kCreat, 0, fd);
          if (e == Errno::success) {
            ASSERT_EQ(model.at(fd), ' ');
            model[fd] = directory ? 'd' : 'f';
          } else {
            ASSERT_EQ(e, Errno::mfile);  // [L1]
          }
          break;
        }
        case 1: {
          bool open = from < 40 && model[from] != ' ';
          ASSERT_EQ(guest.call("fd_close", {from}), open ? Errno::success : Errno::badf);
          if (open) model[from] = ' ';
          break;
        }
        default: {
          bool open = from < 40 && to < 40 && model[from] != ' ' && model[to] != ' ';
          ASSERT_EQ(guest.call("fd_renumber", {from, to}), open ? Errno::success : Errno::badf);
          if (open && from != to) model[to] = std::exchange(model[from], ' ');
        }
      }
    }
    auto count = [&](char kind) { return std::count(model.begin(), model.end(), kind); };
    EXPECT_EQ(open_files(), files_start + 2 * static_cast<size_t>(count('f')));
    EXPECT_EQ(guest.broker.open_directories(), 2 + static_cast<size_t>(count('d')));
    guest.wasi.reset();
    EXPECT_EQ(guest.broker.open_directories(), 0U);
  }
  EXPECT_EQ(open_files(), files_before);
}

}  // namespace
}  // namespace cordon::wasi
