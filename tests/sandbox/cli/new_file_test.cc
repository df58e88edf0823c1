// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/new_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "core/base/os/memfd.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::cli {
namespace {

namespace fs = std::filesystem;

struct NewFileTest : ::testing::Test {
  testing::TemporaryDirectory directory;
};

TEST_F(NewFileTest, WhatWasThereStaysUntilTheNewIsWhole) {
  directory.write("out", "old");
  const fs::path path = directory / "out";
  auto file = NewFile::create(path);
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_TRUE(file->write("new and longer"));
  EXPECT_EQ(directory.read("out"), "old");
  ASSERT_TRUE(file->put_in_place(NewFile::Sync::Yes));
  EXPECT_EQ(directory.read("out"), "new and longer");
  EXPECT_EQ(directory.entries(), 1u);
}

TEST_F(NewFileTest, NothingIsLeftOfOneThatWasGivenUp) {
  {
    auto file = NewFile::create(directory / "out");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("half"));
    EXPECT_LE(directory.entries(), 1u);  // none where the file system has files without a name
  }
  EXPECT_EQ(directory.entries(), 0u);
}

TEST_F(NewFileTest, CopiesASealedFileWhole) {
  std::vector<uint8_t> bytes(100'000);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 31 >> 3);
  auto source = sealed_copy_of_bytes(bytes, "bytes");
  ASSERT_TRUE(source);
  auto file = NewFile::create(directory / "out");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->copy(source->get()));
  ASSERT_TRUE(file->put_in_place(NewFile::Sync::No));
  EXPECT_EQ(directory.read("out"), std::string(bytes.begin(), bytes.end()));
}

TEST_F(NewFileTest, HasTheRightsOfAnyNewFile) {
  const mode_t mask = umask(027);
  auto file = NewFile::create(directory / "out");
  umask(mask);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->put_in_place(NewFile::Sync::No));
  struct stat status;
  ASSERT_EQ(stat((directory / "out").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
}

// A device or a fifo is written to: to rename over /dev/null would be the end of it.
TEST_F(NewFileTest, WhatIsNoFileIsNotReplaced) {
  const fs::path path = directory / "fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const Fd reader(open(path.c_str(), O_RDONLY | O_NONBLOCK));
  auto file = NewFile::create(path);
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_TRUE(file->write("text"));
  ASSERT_TRUE(file->put_in_place(NewFile::Sync::Yes));
  char text[8] = {};
  EXPECT_EQ(::read(reader.get(), text, sizeof text), 4);
  EXPECT_TRUE(fs::is_fifo(path));
  EXPECT_EQ(directory.entries(), 1u);
}

TEST_F(NewFileTest, FailuresNameThePath) {
  auto none = NewFile::create(directory / "none/out");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message().find("none/out"), std::string::npos);
  auto folder = NewFile::create(directory.path());
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().message().find(directory.path().string()), std::string::npos);
  auto full = NewFile::create("/dev/full");
  ASSERT_TRUE(full);
  auto written = full->write("text");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message().find("/dev/full: No space"), std::string::npos);
}

}  // namespace
}  // namespace cordon::cli
