// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The run's control group: where it may be made, what it bounds, and that none is left ([L1]). All
// but the first need a place where one may be made, which `cordon doctor` names.
#include "sandbox/jail/cgroup.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <vector>

#include "sandbox/jail/launch.h"
#include "sandbox/jail/probe.h"

namespace cordon::jail {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

TEST(CgroupPath, IsWhereTheMountTableSaysOrNowhere) {
  const std::string two = "35 24 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
  const std::string both =
      "30 24 0:26 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n"
      "31 24 0:27 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw\n";
  const std::string part = "35 24 0:30 /part /mnt/cg rw - cgroup2 none rw\n";
  EXPECT_EQ(path_of_cgroup("0::/a/b\n", two), "/sys/fs/cgroup/a/b");
  EXPECT_EQ(path_of_cgroup("0::/\n", two), "/sys/fs/cgroup");
  EXPECT_EQ(path_of_cgroup("9:memory:/x\n0::/y\n", both), "/sys/fs/cgroup/unified/y");
  EXPECT_EQ(path_of_cgroup("0::/part/c\n", part), "/mnt/cg/c");
  EXPECT_EQ(path_of_cgroup("0::/part\n", part), "/mnt/cg");
  EXPECT_EQ(path_of_cgroup("0::/parted\n", part), "");
  EXPECT_EQ(path_of_cgroup("0::/../c\n", two), "") << "outside of the namespace";
  EXPECT_EQ(path_of_cgroup("0::/c (deleted)\n", two), "");
  EXPECT_EQ(path_of_cgroup("4:memory:/x\n", two), "");
  EXPECT_EQ(path_of_cgroup("0::/c\n", ""), "");
  EXPECT_EQ(path_of_cgroup("0::/c\n", "35 24 0:30 / /a\\040b rw - cgroup2 none rw\n"), "");
  EXPECT_EQ(path_of_cgroup("", "\n - cgroup2 \n"), "");
}

struct CgroupTest : ::testing::Test {
  void SetUp() override {
    place = find_cgroup_place();
    if (!place.directory.valid()) GTEST_SKIP() << "no control group: " << place.why_not;
  }
  static Cgroup make() {
    auto made = Cgroup::make();
    EXPECT_TRUE(made && *made) << (made ? "none" : made.error().message());
    return std::move(**made);
  }
  static std::string read(const Cgroup& group, const std::string& file) {
    std::string text;
    std::getline(std::ifstream(group.path() + "/" + file), text);
    return text;
  }
  // How a process that has entered the group and then does `body` ends.
  static int status_in(const Cgroup& group, const std::function<int()>& body) {
    const pid_t child = fork();
    if (child == 0) {
      std::ofstream(group.path() + "/cgroup.procs") << "0" << std::flush;
      _exit(body());
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status;
  }
  CgroupPlace place;
};

TEST_F(CgroupTest, BoundsMemoryAndProcessesAndIsGoneInTheEnd) {  // [L1]
  std::string path;
  {
    Cgroup group = make();
    path = group.path();
    EXPECT_EQ(read(group, "pids.max"), "4");
    EXPECT_EQ(read(group, "memory.oom.group"), "1");
    ASSERT_TRUE(group.limit_memory(uint64_t{64} << 20));
    EXPECT_EQ(read(group, "memory.max"), std::to_string(uint64_t{64} << 20));
    EXPECT_FALSE(group.was_out_of_memory());
  }
  EXPECT_FALSE(fs::exists(path)) << path;
}

TEST_F(CgroupTest, MoreMemoryIsTheEnd) {  // [L1]
  Cgroup group = make();
  ASSERT_TRUE(group.limit_memory(uint64_t{32} << 20));
  const int status = status_in(group, [] {
    constexpr size_t kSize = size_t{128} << 20;
    // Shared memory, which is no data to RLIMIT_DATA.
    void* memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return 1;
    for (size_t at = 0; at < kSize; at += 4096) static_cast<volatile char*>(memory)[at] = 1;
    return 0;
  });
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_TRUE(group.was_out_of_memory());
}

TEST_F(CgroupTest, MoreProcessesThanThereAreWorkersAreNone) {  // [L1]
  const Cgroup group = make();
  const int status = status_in(group, [] {
    std::vector<pid_t> children;
    for (int i = 0; i < 10; ++i) {
      const pid_t child = fork();
      if (child == 0) pause();
      if (child > 0) children.push_back(child);
    }
    for (const pid_t child : children) kill(child, SIGKILL), waitpid(child, nullptr, 0);
    return static_cast<int>(children.size());
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 3);  // besides the one that made them
}

// A supervisor that was killed leaves one. Another run's group is empty too, for a moment.
TEST_F(CgroupTest, WhatWasLeftBehindIsRemovedAndWhatIsUsedIsNot) {  // [K1]
  const fs::path left = fs::path(place.path) / "cordon-0123";
  fs::create_directory(left);
  const Cgroup used = make();
  EXPECT_FALSE(fs::exists(left));
  const Cgroup other = make();
  EXPECT_TRUE(fs::exists(used.path()));
  EXPECT_NE(used.path(), other.path());
}

TEST_F(CgroupTest, OneWithAProcessStaysUntilThatIsGone) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  pid_t child;
  std::string path;
  {
    const Cgroup group = make();
    path = group.path();
    child = fork();
    if (child == 0) {
      std::ofstream(path + "/cgroup.procs") << "0" << std::flush;
      (void)!write(ends[1], "", 1);
      execl("/bin/sleep", "sleep", "60", nullptr);  // its copies of the descriptors are closed
      _exit(1);
    }
    char word;
    ASSERT_EQ(::read(ends[0], &word, 1), 1);
    char name[16] = {};
    for (int i = 0; i < 2000 && std::string(name) != "sleep"; ++i) {
      std::ifstream("/proc/" + std::to_string(child) + "/comm").getline(name, sizeof name);
      usleep(1000);
    }
  }
  EXPECT_TRUE(fs::exists(path));
  (void)make();
  EXPECT_TRUE(fs::exists(path));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  (void)make();
  EXPECT_FALSE(fs::exists(path));
}

// [J1] Once there is one, a run without its limits is none.
TEST_F(CgroupTest, OneThatIsGoneIsAFailedStep) {
  Cgroup group = make();
  fs::remove(group.path());
  auto limited = group.limit_memory(uint64_t{64} << 20);
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().kind, &diag::step_failed);
  EXPECT_NE(limited.error().message().find("step cgroup"), std::string::npos);
  const Fd channel(open("/dev/null", O_RDWR));
  auto launched = launch({.program = "/bin/true",
                          .channel = channel.get(),
                          .cgroup = group.fd(),
                          .missing = missing_layers(),
                          .patience = 5s});
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().kind, &diag::step_failed);
  // One that looked for missing layers may still be ending.
  int left = 0;
  for (int i = 0; i < 2000 && (left = waitpid(-1, nullptr, WNOHANG)) >= 0; ++i) usleep(1000);
  EXPECT_EQ(left, -1) << "a process is left";
}

}  // namespace
}  // namespace cordon::jail
