// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/wasi.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <set>

#include "tests/core/wasi/caller.h"

namespace cordon::wasi {
namespace {

std::string signature(const HostFunction& function) {
  std::string text;
  for (wasm::ValType type : function.params) text += type == wasm::ValType::i64 ? 'I' : 'i';
  return text + (function.results.empty() ? ">" : ">i");
}

const HostFunction& function(std::string_view name) {
  auto all = host_functions();
  return *std::find_if(all.begin(), all.end(), [&](auto& f) { return f.name == name; });
}

TEST(HostFunctions, AreTheFortySixOfPreviewOne) {
  std::set<std::string_view> names;
  for (const HostFunction& f : host_functions()) names.insert(f.name);
  EXPECT_EQ(names.size(), 46U);
  EXPECT_TRUE(names.contains("sock_accept") && names.contains("proc_raise"));
}

// What wasi-libc imports, from its header (wasi/api.h).
TEST(HostFunctions, HaveTheTypesThatGuestsImport) {
  EXPECT_EQ(signature(function("args_get")), "ii>i");
  EXPECT_EQ(signature(function("clock_time_get")), "iIi>i");
  EXPECT_EQ(signature(function("fd_advise")), "iIIi>i");
  EXPECT_EQ(signature(function("fd_fdstat_set_rights")), "iII>i");
  EXPECT_EQ(signature(function("fd_filestat_set_times")), "iIIi>i");
  EXPECT_EQ(signature(function("fd_pread")), "iiiIi>i");
  EXPECT_EQ(signature(function("fd_readdir")), "iiiIi>i");
  EXPECT_EQ(signature(function("fd_seek")), "iIii>i");
  EXPECT_EQ(signature(function("path_open")), "iiiiiIIii>i");
  EXPECT_EQ(signature(function("path_filestat_set_times")), "iiiiIIi>i");
  EXPECT_EQ(signature(function("path_link")), "iiiiiii>i");
  EXPECT_EQ(signature(function("path_symlink")), "iiiii>i");
  EXPECT_EQ(signature(function("path_readlink")), "iiiiii>i");
  EXPECT_EQ(signature(function("poll_oneoff")), "iiii>i");
  EXPECT_EQ(signature(function("sock_recv")), "iiiiii>i");
  EXPECT_EQ(signature(function("sched_yield")), ">i");
  EXPECT_EQ(signature(function("proc_exit")), "i>");
  EXPECT_EQ(function("proc_exit").type(), (wasm::FuncType{{wasm::ValType::i32}, {}}));
}

// Files that a storm of calls makes stay small.
class SmallFiles {
 public:
  SmallFiles() {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit small{1 << 20, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallFiles() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

// Every function with every mix of valid and hostile arguments: always an errno, never a crash
// (under ASan and between the memory's guards), never a write before or after the memory.
TEST(HostFunctions, SurviveAStormOfHostileArguments) {
  SmallFiles small;
  Fd null(open("/dev/null", O_RDWR));
  WasiConfig config;
  config.args = {"a", "b"};
  config.env = {"C=d"};
  config.stdio = {null.get(), null.get(), null.get()};
  config.limits.open_fds = 20;
  WasiCaller guest(config);
  guest.must_open(kRw, "file");
  ASSERT_EQ(guest.with_path("path_create_directory", {kRw}, "d"), Errno::success);
  constexpr uint64_t kPool[] = {
      0,    1,     2,       3,          4,          5,          6,        8,         24,
      48,   64,    kPathAt, kEnd,       kEnd - 1,   kEnd - 4,   kEnd - 8, kEnd - 48, kEnd + 1,
      4096, 65536, 1 << 29, 0x7fffffff, 0x80000000, 0xfffffff8, 1025,     19,        0xffffffff};
  std::mt19937_64 random(2);
  size_t successes = 0;
  for (int i = 0; i < 60'000; ++i) {
    // Sound text at kPathAt, sound buffers at 8, and subscriptions that never wait elsewhere.
    std::memset(guest.memory->base(), 0, kEnd);
    guest.put_text(kPathAt, random() % 2 == 0 ? "file" : "d/e");
    guest.put_iovecs(8, {{kEnd - 64, 64}, {kPathAt, 4}, {0, 4096}});
    const HostFunction& f = host_functions()[static_cast<size_t>(i) % host_functions().size()];
    std::vector<uint64_t> args;
    for (wasm::ValType type : f.params) {
      uint64_t value = kPool[random() % std::size(kPool)];
      if (type == wasm::ValType::i64 && random() % 4 == 0) value = random() >> (random() % 64);
      args.push_back(value);
    }
    uint64_t result = 0;
    Trap trap = guest.enter(f.name, args, result);
    if (f.name == "proc_exit") {
      ASSERT_EQ(trap, Trap::host_exit);
      continue;
    }
    ASSERT_EQ(trap, Trap::none);
    ASSERT_LE(result, static_cast<uint64_t>(Errno::notcapable)) << f.name;
    successes += result == 0;
  }
  EXPECT_GT(successes, 2000U);  // the calls get past the checks
}

}  // namespace
}  // namespace cordon::wasi
