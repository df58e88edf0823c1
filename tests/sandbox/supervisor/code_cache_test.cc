// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The code cache as a directory of files: what is stored is found again unchanged, a file that
// another user could have written is not taken, and it keeps its size with many users at a time.
#include "sandbox/supervisor/code_cache.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "core/base/os/memfd.h"
#include "core/base/os/sealed_file.h"
#include "sandbox/supervisor/run.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::supervisor {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using enum FoundCode::Is;

constexpr uint64_t kMost = uint64_t{1} << 24;

// Bytes that differ with the seed.
std::vector<uint8_t> bytes_of(uint32_t seed, size_t size) {
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes)
    byte = static_cast<uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
  return bytes;
}

std::vector<SealedPiece> pieces_of(const std::vector<std::vector<uint8_t>>& all) {
  std::vector<SealedPiece> pieces;
  for (const auto& bytes : all) {
    pieces.push_back({*sealed_copy_of_bytes(bytes, "piece"), bytes.size()});
  }
  return pieces;
}

std::vector<uint8_t> contents(const SealedPiece& piece) {
  auto file = SealedFile::adopt(*duplicate(piece.file), kMost);
  if (!file) return {};
  return {file->bytes().begin(), file->bytes().end()};
}

Digest key(uint32_t number) { return Hasher().add(number).digest(); }

class CodeCacheTest : public ::testing::Test {
 protected:
  CodeCacheTest() { fs::permissions(directory_.path(), fs::perms::owner_all); }

  CodeCache cache() const {
    auto opened = CodeCache::open(directory_.path(), IfMissing::Fail);
    if (!opened) ADD_FAILURE() << opened.error().message();
    return std::move(*opened);
  }
  // An entry of one piece.
  static Result<void> put(const CodeCache& cache, uint32_t number, size_t size,
                          uint64_t max_bytes = kDefaultCacheSize) {
    return cache.store({key(number), 12, false, "m.wasm"}, pieces_of({bytes_of(number, size)}),
                       max_bytes);
  }
  static FoundCode find(const CodeCache& cache, uint32_t number) {
    return cache.find(key(number), kMost);
  }
  fs::path file_of(uint32_t number) const {
    return directory_ / (digest_text(key(number)) + ".code");
  }

  // The file of an entry that was stored, with other contents.
  void change(uint32_t number, const std::function<void(std::string&)>& edit) const {
    const std::string name = file_of(number).filename();
    std::string text = directory_.read(name);
    edit(text);
    fs::remove(file_of(number));
    directory_.write(name, text);
    fs::permissions(file_of(number), fs::perms::owner_read);
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(CodeCacheTest, WhatIsStoredIsFoundPieceByPiece) {
  const std::vector<std::vector<uint8_t>> all = {bytes_of(1, 1), bytes_of(2, 300'000),
                                                 bytes_of(3, 4096)};
  ASSERT_TRUE(cache().store({key(1), 77, true, "a module.wasm"}, pieces_of(all), kMost));
  FoundCode found = find(cache(), 1);
  ASSERT_EQ(found.is, Good) << found.why;
  ASSERT_EQ(found.pieces.size(), all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(found.pieces[i].size, all[i].size());
    EXPECT_EQ(contents(found.pieces[i]), all[i]);
    EXPECT_EQ(fcntl(found.pieces[i].file.get(), F_GETFL) & O_ACCMODE, O_RDONLY);  // [W1]
  }
  const auto facts = cache().facts(key(1));
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->facts.module_size, 77u);
  EXPECT_TRUE(facts->facts.fuel);
  EXPECT_EQ(facts->facts.name, "a module.wasm");
  EXPECT_EQ(facts->piece_count, 3u);
}

TEST_F(CodeCacheTest, AnythingThatDiffersMakesAnotherKey) {
  const CodeOrigin origin{key(1), key(2), "avx", false};
  CodeOrigin module = origin, compiler = origin, target = origin, fuel = origin;
  module.module = key(3);
  compiler.compiler = key(3);
  target.target = "avx bmi";
  fuel.fuel = true;
  for (const CodeOrigin& other : {module, compiler, target, fuel}) {
    EXPECT_NE(key_of(other), key_of(origin));
  }
  EXPECT_EQ(key_of(CodeOrigin(origin)), key_of(origin));
  // BLAKE3's own test vector of the empty input.
  EXPECT_EQ(digest_text(digest_of({})),
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
  EXPECT_EQ(parse_digest(digest_text(key(1))), key(1));
  EXPECT_EQ(parse_digest(std::string(64, 'A')), std::nullopt);
  EXPECT_EQ(parse_digest(digest_text(key(1)) + "0"), std::nullopt);
}

TEST_F(CodeCacheTest, AnEntryThatIsAbsentIsNoFailure) {
  const FoundCode found = find(cache(), 1);
  EXPECT_EQ(found.is, Absent);
  EXPECT_EQ(found.why, "");
  EXPECT_TRUE(cache().remove(key(1)));
}

// [W3] Each byte of an entry counts, those of its header too.
TEST_F(CodeCacheTest, AnEntryOfWhichAnyByteChangedIsBad) {
  ASSERT_TRUE(put(cache(), 1, 500));
  const std::string whole = directory_.read(file_of(1).filename().native());
  for (size_t at = 0; at < whole.size(); at += (at < 760 ? 1 : 7)) {
    change(1, [&](std::string& text) {
      text = whole;
      text[at] = static_cast<char>(text[at] ^ 0x20);
    });
    ASSERT_EQ(find(cache(), 1).is, Bad) << "byte " << at;
  }
  change(1, [&](std::string& text) { text = whole; });
  EXPECT_EQ(find(cache(), 1).is, Good);
}

TEST_F(CodeCacheTest, AnEntryOfAnotherLengthIsBad) {
  ASSERT_TRUE(put(cache(), 1, 500));
  const std::string whole = directory_.read(file_of(1).filename().native());
  for (size_t size : {size_t{0}, size_t{1}, size_t{100}, whole.size() - 1}) {
    change(1, [&](std::string& text) { text = whole.substr(0, size); });
    const FoundCode found = find(cache(), 1);
    EXPECT_EQ(found.is, Bad) << size;
    EXPECT_EQ(found.why, "it is cut short");
  }
  change(1, [&](std::string& text) { text = whole + "x"; });
  EXPECT_EQ(find(cache(), 1).why, "it is longer than its header says");
}

// A guest that can rename files, or a user who copies them, cannot pass code off as another's.
TEST_F(CodeCacheTest, AnEntryUnderTheNameOfAnotherIsBad) {
  ASSERT_TRUE(put(cache(), 1, 500));
  fs::rename(file_of(1), file_of(2));
  const FoundCode found = find(cache(), 2);
  EXPECT_EQ(found.is, Bad);
  EXPECT_EQ(found.why, "it is that of another key");
}

// [L1] The size is looked at before anything is copied.
TEST_F(CodeCacheTest, AHugeEntryIsBadAtOnce) {
  ASSERT_TRUE(put(cache(), 1, 5000));
  EXPECT_EQ(cache().find(key(1), 4999).why, "it has more code than there may be");
  EXPECT_EQ(cache().find(key(1), 5000).is, Good);
  fs::permissions(file_of(1), fs::perms::owner_all);
  ASSERT_EQ(truncate(file_of(1).c_str(), off_t{1} << 40), 0);
  fs::permissions(file_of(1), fs::perms::owner_read);
  EXPECT_EQ(find(cache(), 1).is, Bad);
}

// What a guest with a granted directory could make there, or others who once could write.
TEST_F(CodeCacheTest, AFileThatOthersCouldHaveMadeIsBad) {
  ASSERT_TRUE(put(cache(), 1, 500));
  const std::string whole = directory_.read(file_of(1).filename().native());
  const auto expect_bad = [&](const char* what) {
    const FoundCode found = find(cache(), 1);
    EXPECT_EQ(found.is, Bad) << what;
    EXPECT_THAT(found.why, HasSubstr(what));
  };
  for (const unsigned mode : {0600U, 0644U, 0440U, 0404U, 0500U, 04400U, 0000U}) {
    fs::permissions(file_of(1), static_cast<fs::perms>(mode));
    expect_bad("of mode 0400");
  }
  fs::permissions(file_of(1), fs::perms::owner_read);
  EXPECT_EQ(find(cache(), 1).is, Good);
  fs::create_hard_link(file_of(1), directory_ / "second");
  expect_bad("second name");
  fs::remove(directory_ / "second");

  fs::rename(file_of(1), directory_ / "kept");
  fs::create_symlink(directory_ / "kept", file_of(1));
  expect_bad("no regular file");
  fs::remove(file_of(1));
  ASSERT_EQ(mkfifo(file_of(1).c_str(), 0400), 0);
  expect_bad("no regular file");  // and nobody waits for its writer
  fs::remove(file_of(1));
  fs::create_directory(file_of(1));
  expect_bad("no regular file");
  EXPECT_FALSE(cache().remove(key(1)));
}

TEST_F(CodeCacheTest, AFileOfAnotherUserIsBad) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_TRUE(put(cache(), 1, 500));
  ASSERT_EQ(chown(file_of(1).c_str(), 65534, 65534), 0);
  EXPECT_EQ(find(cache(), 1).is, Bad);
}

TEST_F(CodeCacheTest, ADirectoryThatOthersCanWriteToIsRefused) {
  const auto refusal = [&](const fs::path& path) {
    auto opened = CodeCache::open(path, IfMissing::Make);
    return opened ? std::string() : opened.error().message();
  };
  for (const unsigned mode : {0770U, 0707U, 01777U, 0720U, 0702U}) {
    fs::permissions(directory_.path(), static_cast<fs::perms>(mode));
    EXPECT_THAT(refusal(directory_.path()), HasSubstr("others may write to")) << mode;
  }
  fs::permissions(directory_.path(), static_cast<fs::perms>(0755));
  EXPECT_EQ(refusal(directory_.path()), "");
  directory_.write("file", "text");
  EXPECT_THAT(refusal(directory_ / "file"), HasSubstr("file"));
  fs::create_directory_symlink(directory_.path(), directory_ / "link");
  EXPECT_THAT(refusal(directory_ / "link"), HasSubstr("a symbolic link"));
  EXPECT_THAT(refusal(directory_ / "link/"), HasSubstr("a symbolic link"));
  fs::create_symlink("nowhere", directory_ / "dangling");
  EXPECT_THAT(refusal(directory_ / "dangling"), HasSubstr("a symbolic link"));
  if (geteuid() != 0) return;
  ASSERT_EQ(chown(directory_.path().c_str(), 65534, 65534), 0);
  EXPECT_THAT(refusal(directory_.path()), HasSubstr("belongs to user 65534"));
}

TEST_F(CodeCacheTest, ADirectoryIsMadeForTheUserAlone) {
  const fs::path path = directory_ / "a/b/c";
  EXPECT_FALSE(CodeCache::open(path, IfMissing::Fail));
  ASSERT_TRUE(CodeCache::open(path, IfMissing::Make));
  for (const fs::path& made : {path, path.parent_path(), directory_ / "a"}) {
    EXPECT_EQ(fs::status(made).permissions(), fs::perms::owner_all);
  }
}

TEST_F(CodeCacheTest, ADirectoryBeneathAGrantIsKnown) {
  fs::create_directories(directory_ / "a/b");
  const auto open_at = [&](const char* name) {
    return Fd(::open((directory_ / name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  };
  const Fd top = open_at("."), a = open_at("a"), b = open_at("a/b");
  EXPECT_TRUE(*is_beneath(b.get(), top.get()));
  EXPECT_TRUE(*is_beneath(b.get(), b.get()));
  EXPECT_FALSE(*is_beneath(a.get(), b.get()));
  EXPECT_FALSE(*is_beneath(top.get(), a.get()));
}

// Least recently used: found counts as used.
TEST_F(CodeCacheTest, WhatWasNotUsedForLongestMakesRoom) {
  const CodeCache cache = this->cache();
  constexpr uint64_t kRoom = 3 * 12'288;  // of entries that take two blocks and their names
  for (const uint32_t number : {1, 2, 3}) {
    ASSERT_TRUE(put(cache, number, 5000, kRoom));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(cache.list()->size(), 3u);
  EXPECT_EQ(find(cache, 1).is, Good);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  ASSERT_TRUE(put(cache, 4, 5000, kRoom));
  EXPECT_EQ(find(cache, 1).is, Good);
  EXPECT_EQ(find(cache, 2).is, Absent);
  EXPECT_EQ(find(cache, 3).is, Good);
  EXPECT_EQ(find(cache, 4).is, Good);
  const auto removed = cache.trim(12'288);
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->entries, 2u);
  EXPECT_EQ(cache.list()->size(), 1u);
  const auto too_large = put(cache, 5, 20'000, 12'288);
  ASSERT_FALSE(too_large);
  EXPECT_THAT(too_large.error().message(), HasSubstr("more than all of the cache may"));
  EXPECT_EQ(cache.list()->size(), 1u);  // nothing had to go for it
  EXPECT_EQ(cache.trim(0)->entries, 1u);
}

TEST_F(CodeCacheTest, FilesOfOthersAreLeftAlone) {
  directory_.write("notes.txt", "mine");
  directory_.write("0123.code", "mine");
  directory_.write(digest_text(key(1)), "mine");
  fs::create_directory(file_of(2));
  ASSERT_TRUE(put(cache(), 3, 100));
  EXPECT_EQ(cache().list()->size(), 1u);
  EXPECT_EQ(cache().trim(0)->entries, 1u);
  EXPECT_EQ(directory_.entries(), 4u);
}

// An entry that is open is read to its end, also if another process removes it meanwhile.
TEST_F(CodeCacheTest, WhatIsRemovedWhileItIsReadIsReadToItsEnd) {
  ASSERT_TRUE(put(cache(), 1, 100'000));
  struct stat status;
  const Fd file = *open_entry(cache().directory(), file_of(1).filename(), status);
  ASSERT_EQ(cache().trim(0)->entries, 1u);
  const auto code = read_entry(file.get(), status, key(1), kMost);
  ASSERT_TRUE(code) << code.error().message();
  EXPECT_EQ(contents(code->pieces[0]), bytes_of(1, 100'000));
}

// Stores, finds and removes by many at a time: what is found is always whole, and nothing else.
TEST_F(CodeCacheTest, ManyAtATimeMeetNothingHalfDone) {
  constexpr uint32_t kEntries = 4;
  constexpr size_t kSize = 200'000;
  std::atomic<int> good{0}, bad{0}, failed{0};
  const auto work = [&](uint32_t seed) {
    const CodeCache cache = this->cache();
    for (uint32_t round = 0; round < 60; ++round) {
      const uint32_t number = (seed * 7 + round * 5 + round / 9) % kEntries;
      const FoundCode found = find(cache, number);
      if (found.is == Good) {
        ++(contents(found.pieces[0]) == bytes_of(number, kSize) ? good : bad);
      } else if (found.is == Bad) {
        ++bad;
      } else if (!put(cache, number, kSize, 2 * 208'896)) {
        ++failed;
      }
      if (round % 16 == seed) (void)cache.trim(0);
    }
  };
  std::vector<std::thread> threads;
  for (uint32_t seed = 0; seed < 8; ++seed) threads.emplace_back(work, seed);
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(good, 0);
  EXPECT_EQ(bad, 0);
  EXPECT_EQ(failed, 0);
  EXPECT_LE(cache().list()->size(), 2u);
}

// kill -9 at any moment of storing leaves a whole entry or none, and no other file.
TEST_F(CodeCacheTest, AKilledWriterLeavesNothing) {
  size_t stored = 0;
  // Later each time, until some were early enough for one entry or more.
  for (uint32_t round = 0; round < 40 || (stored == 0 && round < 400); ++round) {
    const pid_t child = fork();
    if (child == 0) {
      for (uint32_t number = 0;; ++number) (void)put(cache(), number, 3'000'000);
    }
    usleep(500 * round);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const auto files = cache().list();
    ASSERT_TRUE(files);
    EXPECT_EQ(directory_.entries(), files->size());
    for (const CacheFile& file : *files) {
      EXPECT_EQ(cache().find(file.key, kMost).is, Good);
      ++stored;
    }
    ASSERT_TRUE(cache().trim(0));
  }
  EXPECT_GT(stored, 0u);
}

// A full disk: nothing is stored, and it is said.
TEST_F(CodeCacheTest, WithoutRoomNothingIsStored) {
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100'000, 100'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    // The piece itself is a file too.
    const auto pieces = pieces_of({bytes_of(1, 60'000), bytes_of(2, 60'000)});
    const auto stored = cache().store({key(1), 12, false, ""}, pieces, kMost);
    _exit(stored ? 1 : stored.error().os_error == EFBIG ? 0 : 2);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(directory_.entries(), 0u);
}

}  // namespace
}  // namespace cordon::supervisor
