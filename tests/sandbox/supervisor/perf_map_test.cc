// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/perf_map.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/kit/temporary_directory.h"

namespace cordon::supervisor {
namespace {

namespace fs = std::filesystem;

class PerfMapTest : public ::testing::Test {
 protected:
  void SetUp() override {
    self_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
    path_ = directory_ / ("perf-" + std::to_string(getpid()) + ".map");
  }

  testing::TemporaryDirectory directory_;
  fs::path path_;
  Fd self_;
};

TEST_F(PerfMapTest, HasTheNameThatPerfLooksForAndIsForNobodyElse) {
  auto map = create_perf_map(self_.get(), directory_.path());
  ASSERT_TRUE(map) << map.error().message();
  EXPECT_EQ(map->path, path_);
  struct stat status;
  ASSERT_EQ(fstat(map->file.get(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(PerfMapTest, WhatHasTheNameAlreadyIsLeftAlone) {
  std::ofstream(path_) << "mine";
  EXPECT_FALSE(create_perf_map(self_.get(), directory_.path()));
  EXPECT_EQ(fs::file_size(path_), 4u);
}

TEST_F(PerfMapTest, ALinkIsNotFollowed) {
  const fs::path target = directory_ / "victim";
  fs::create_symlink(target, path_);
  EXPECT_FALSE(create_perf_map(self_.get(), directory_.path()));
  EXPECT_FALSE(fs::exists(target));
}

TEST_F(PerfMapTest, WhatIsNoProcessHasNone) {
  EXPECT_FALSE(create_perf_map(STDIN_FILENO, directory_.path()));
  EXPECT_FALSE(create_perf_map(-1, directory_.path()));
  EXPECT_EQ(directory_.entries(), 0u);
}

}  // namespace
}  // namespace cordon::supervisor
