// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>

#include "tests/core/wasi/guest.h"

namespace cordon::wasi {
namespace {

struct Listed {
  std::string name;
  Dirent head;
};

// All whole entries in `used` bytes at kDataAt.
std::vector<Listed> whole_entries(const Guest& guest, uint32_t used) {
  std::vector<Listed> list;
  for (uint32_t at = 0; at + sizeof(Dirent) <= used;) {
    auto head = guest.get<Dirent>(kDataAt + at);
    at += sizeof(Dirent);
    if (head.name_size > used - at) break;
    list.push_back({guest.text(kDataAt + at, head.name_size), head});
    at += head.name_size;
  }
  return list;
}

// As wasi-libc's readdir(): goes on from the last whole entry, with a larger buffer if not one
// fits.
std::vector<std::string> list_with_buffer(Guest& guest, uint32_t fd, uint32_t size) {
  std::vector<std::string> names;
  uint64_t cookie = 0;
  for (;;) {
    EXPECT_EQ(guest.call("fd_readdir", {fd, kDataAt, size, cookie, kScratch}), Errno::success);
    auto used = guest.get<uint32_t>(kScratch);
    EXPECT_LE(used, size);
    auto entries = whole_entries(guest, used);
    for (const Listed& entry : entries) {
      names.push_back(entry.name);
      cookie = entry.head.next;
    }
    if (used < size) return names;
    if (entries.empty()) size *= 2;
  }
}

void fill(Guest& guest, int count) {
  for (int i = 0; i < count; ++i) {
    uint32_t fd = guest.must_open(kRw, "file" + std::to_string(100 + i));
    EXPECT_EQ(guest.call("fd_close", {fd}), Errno::success);
  }
}

TEST(Readdir, ListsEverythingOnceWithAnyBuffer) {
  Guest guest;
  fill(guest, 20);
  std::vector<std::string> expected = {".", ".."};
  for (int i = 0; i < 20; ++i) expected.push_back("file" + std::to_string(100 + i));
  for (uint32_t size : {1U, 23U, 24U, 25U, 26U, 31U, 32U, 50U, 100U, 333U, 4096U, 30'000U}) {
    EXPECT_EQ(list_with_buffer(guest, kRw, size), expected) << size;
  }
}

TEST(Readdir, EntriesTellTypeAndNumber) {
  Guest guest;
  guest.broker.listing_size = 100;
  fill(guest, 1);
  ASSERT_EQ(guest.with_path("path_create_directory", {kRw}, "a"), Errno::success);
  ASSERT_EQ(guest.call("fd_readdir", {kRw, kDataAt, 4096, 0, kScratch}), Errno::success);
  auto entries = whole_entries(guest, guest.get<uint32_t>(kScratch));
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[2].name, "a");
  EXPECT_EQ(entries[2].head.filetype, FileType::directory);
  EXPECT_EQ(entries[3].head.filetype, FileType::regular_file);
  ASSERT_EQ(guest.with_path("path_filestat_get", {kRw, 0}, "file100", {0}), Errno::success);
  EXPECT_EQ(entries[3].head.ino, guest.get<Filestat>(0).ino);
}

TEST(Readdir, WritesNothingBehindTheBuffer) {
  Guest guest;
  fill(guest, 3);
  for (uint32_t size = 0; size < 200; ++size) {
    std::memset(guest.memory->base() + kDataAt, 0x5a, 256);
    ASSERT_EQ(guest.call("fd_readdir", {kRw, kDataAt, size, 0, kScratch}), Errno::success);
    auto used = guest.get<uint32_t>(kScratch);
    ASSERT_LE(used, size);
    EXPECT_EQ(guest.text(kDataAt + used, 256 - used), std::string(256 - used, 0x5a));
  }
}

TEST(Readdir, FillsTheLastBytesOfMemory) {
  Guest guest;
  fill(guest, 3);
  EXPECT_EQ(guest.call("fd_readdir", {kRw, kEnd - 30, 30, 0, kScratch}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(kScratch), 30U);
  EXPECT_EQ(guest.call("fd_readdir", {kRw, kEnd - 30, 31, 0, kScratch}), Errno::fault);
  EXPECT_EQ(guest.call("fd_readdir", {kRw, kEnd, 0, 0, kScratch}), Errno::success);
  EXPECT_EQ(guest.call("fd_readdir", {kRw, 0, 100, 0, kEnd - 3}), Errno::fault);
}

TEST(Readdir, ASmallBufferDoesNotAskTheBrokerForEachEntry) {
  Guest guest;
  guest.broker.listing_size = 512;
  fill(guest, 100);
  guest.broker.listings = 0;
  EXPECT_EQ(list_with_buffer(guest, kRw, 64).size(), 102U);
  EXPECT_LE(guest.broker.listings, 3U);
}

TEST(Readdir, FromTheStartSeesWhatIsNew) {
  Guest guest;
  guest.broker.listing_size = 512;
  fill(guest, 2);
  EXPECT_EQ(list_with_buffer(guest, kRw, 4096).size(), 4U);
  fill(guest, 5);
  EXPECT_EQ(list_with_buffer(guest, kRw, 4096).size(), 7U);
}

TEST(Readdir, AForgedCookieIsTheEndOrAnError) {
  Guest guest;
  fill(guest, 2);
  for (uint64_t cookie : {uint64_t{1000}, uint64_t{1} << 63, ~uint64_t{0}}) {
    ASSERT_EQ(guest.call("fd_readdir", {kRw, kDataAt, 100, cookie, kScratch}), Errno::success);
    EXPECT_EQ(guest.get<uint32_t>(kScratch), 0U);
  }
}

TEST(Readdir, RefusesABufferBeyondTheLimit) {  // [L1]
  WasiConfig config;
  config.limits.readdir_bytes = 100;
  Guest guest(config);
  EXPECT_EQ(guest.call("fd_readdir", {kRw, kDataAt, 100, 0, kScratch}), Errno::success);
  EXPECT_EQ(guest.call("fd_readdir", {kRw, kDataAt, 101, 0, kScratch}), Errno::inval);
}

}  // namespace
}  // namespace cordon::wasi
