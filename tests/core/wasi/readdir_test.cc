// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>

#include "tests/core/wasi/caller.h"

namespace cordon::wasi {
namespace {

struct Listed {
  std::string name;
  Dirent head;
};

// All whole entries in `used` bytes at kDataAt.
std::vector<Listed> whole_entries(const WasiCaller& guest, uint32_t used) {
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
std::vector<std::string> list_with_buffer(WasiCaller& guest, uint32_t fd, uint32_t size) {
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

void fill(WasiCaller& guest, int count) {
  for (int i = 0; i < count; ++i) {
    uint32_t fd = guest.must_open(kRw, "file" + std::to_string(100 + i));
    EXPECT_EQ(guest.call("fd_close", {fd}), Errno::success);
  }
}

TEST(Readdir, ListsEverythingOnceWithAnyBuffer) {
  WasiCaller guest;
  fill(guest, 20);
  std::vector<std::string> expected = {".", ".."};
  for (int i = 0; i < 20; ++i) expected.push_back("file" + std::to_string(100 + i));
  for (uint32_t size : {1U, 23U, 24U, 25U, 26U, 31U, 32U, 50U, 100U, 333U, 4096U, 30'000U}) {
    EXPECT_EQ(list_with_buffer(guest, kRw, size), expected) << size;
  }
}

TEST(Readdir, EntriesTellTypeAndNumber) {
  WasiCaller guest;
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
  WasiCaller guest;
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
  WasiCaller guest;
  fill(guest, 3);
  EXPECT_EQ(guest.call("fd_readdir", {kRw, kEnd - 30, 30, 0, kScratch}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(kScratch), 30U);
  EXPECT_EQ(guest.call("fd_readdir", {kRw, kEnd - 30, 31, 0, kScratch}), Errno::fault);
  EXPECT_EQ(guest.call("fd_readdir", {kRw, kEnd, 0, 0, kScratch}), Errno::success);
  EXPECT_EQ(guest.call("fd_readdir", {kRw, 0, 100, 0, kEnd - 3}), Errno::fault);
}

TEST(Readdir, ASmallBufferDoesNotAskTheBrokerForEachEntry) {
  WasiCaller guest;
  guest.broker.listing_size = 512;
  fill(guest, 100);
  guest.broker.listings = 0;
  EXPECT_EQ(list_with_buffer(guest, kRw, 64).size(), 102U);
  EXPECT_LE(guest.broker.listings, 3U);
}

TEST(Readdir, FromTheStartSeesWhatIsNew) {
  WasiCaller guest;
  guest.broker.listing_size = 512;
  fill(guest, 2);
  EXPECT_EQ(list_with_buffer(guest, kRw, 4096).size(), 4U);
  fill(guest, 5);
  EXPECT_EQ(list_with_buffer(guest, kRw, 4096).size(), 7U);
}

TEST(Readdir, AForgedCookieIsTheEndOrAnError) {
  WasiCaller guest;
  fill(guest, 2);
  ASSERT_EQ(guest.call("fd_readdir", {kRw, kDataAt, 100, 1000, kScratch}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(kScratch), 0U);
  for (uint64_t cookie : {uint64_t{1} << 30, uint64_t{1} << 63, ~uint64_t{0}}) {
    EXPECT_EQ(guest.call("fd_readdir", {kRw, kDataAt, 100, cookie, kScratch}), Errno::inval);
  }
}

TEST(Readdir, ALargeBufferIsFilled) {  // [L1]
  WasiCaller guest;
  guest.broker.listing_size = 512;
  fill(guest, 800);
  EXPECT_EQ(list_with_buffer(guest, kRw, kEnd - kDataAt).size(), 802U);
}

// As on ext4, whose cookies are hashes of 63 bits.
TEST(Readdir, CookiesFitA32BitLongAndLeadBack) {
  WasiCaller guest;
  guest.broker.listing_size = 7;
  guest.broker.cookie_spread = 0x0123'4567'89ab'cdefU;
  fill(guest, 60);
  ASSERT_EQ(guest.call("fd_readdir", {kRw, kDataAt, 30'000, 0, kScratch}), Errno::success);
  const auto all = whole_entries(guest, guest.get<uint32_t>(kScratch));
  ASSERT_EQ(all.size(), 62U);
  for (size_t i = 0; i + 1 < all.size(); ++i) {
    EXPECT_LT(all[i].head.next, uint64_t{1} << 31);
    ASSERT_EQ(guest.call("fd_readdir", {kRw, kDataAt, 200, all[i].head.next, kScratch}),
              Errno::success);
    const auto rest = whole_entries(guest, guest.get<uint32_t>(kScratch));
    ASSERT_FALSE(rest.empty());
    EXPECT_EQ(rest[0].name, all[i + 1].name);
    EXPECT_EQ(rest[0].head.next, all[i + 1].head.next);
  }
}

TEST(DirCookies, SmallOnesStayAndLargeOnesAreNumbered) {  // [L1]
  DirCookies cookies;
  EXPECT_EQ(cookies.to_guest(0), 0U);
  EXPECT_EQ(cookies.to_guest(12345), 12345U);
  const uint64_t first = *cookies.to_guest(~uint64_t{0}), second = *cookies.to_guest(1U << 30);
  EXPECT_NE(first, second);
  EXPECT_EQ(cookies.to_guest(~uint64_t{0}), first);
  EXPECT_EQ(cookies.to_host(first), ~uint64_t{0});
  EXPECT_EQ(cookies.to_host(second), 1U << 30);
  EXPECT_EQ(cookies.to_host(second + 1), std::nullopt);
  cookies.clear();
  EXPECT_EQ(cookies.to_host(first), std::nullopt);
  for (uint64_t i = 0; i < DirCookies::kMostNumbered; ++i) {
    const auto guest = cookies.to_guest((uint64_t{1} << 40) + i);
    ASSERT_TRUE(guest && *guest < uint64_t{1} << 31);
  }
  EXPECT_EQ(cookies.to_guest(~uint64_t{0}), std::nullopt);
  EXPECT_TRUE(cookies.to_guest(uint64_t{1} << 40));
}

}  // namespace
}  // namespace cordon::wasi
