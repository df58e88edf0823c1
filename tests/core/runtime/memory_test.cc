// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>

#include "core/runtime/diagnostics.h"
#include "core/wasm/limits.h"
#include "tests/kit/data_limit.h"

namespace cordon::runtime {
namespace {

wasm::MemoryType pages(uint32_t min) { return {{min, wasm::kNoMaximum, false}}; }
wasm::MemoryType pages(uint32_t min, uint32_t max) { return {{min, max, true}}; }

std::unique_ptr<Memory> make(wasm::MemoryType type, uint64_t limit = wasm::kMaxMemoryPages) {
  auto memory = Memory::create(type, limit);
  EXPECT_TRUE(memory) << memory.error().message();
  return std::move(*memory);
}

// Whether the process could read `address`, determined by the kernel: writing from an unreadable
// page to a pipe gives EFAULT instead of a signal.
bool readable(const uint8_t* address) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  bool ok = write(ends[1], address, 1) == 1;
  close(ends[0]);
  close(ends[1]);
  return ok;
}

TEST(Memory, StartsZeroedAtItsMinimum) {
  auto memory = make(pages(2));
  EXPECT_EQ(memory->size(), 2 * kPageSize);
  EXPECT_EQ(memory->pages(), 2U);
  for (uint64_t at : {uint64_t{0}, kPageSize, 2 * kPageSize - 1}) EXPECT_EQ(memory->base()[at], 0);
}

TEST(Memory, NothingBesideItCanBeReached) {  // [M1]
  auto memory = make(pages(1));
  const uint8_t* base = memory->base();
  EXPECT_TRUE(readable(base));
  EXPECT_TRUE(readable(base + kPageSize - 1));
  EXPECT_FALSE(readable(base + kPageSize));
  // The farthest that an index with a displacement and the widest access can reach.
  constexpr uint64_t kFarthest = uint64_t{UINT32_MAX} + INT32_MAX + 16;
  for (uint64_t distance = kPageSize; distance < kFarthest; distance += uint64_t{1} << 28) {
    EXPECT_FALSE(readable(base + distance)) << distance;
  }
  EXPECT_FALSE(readable(base + kFarthest));
  // And what an index wrongly taken as signed reaches.
  EXPECT_FALSE(readable(base - 1));
  for (uint64_t distance = 4096; distance <= uint64_t{1} << 31; distance += uint64_t{1} << 28) {
    EXPECT_FALSE(readable(base - distance)) << distance;
  }
  EXPECT_FALSE(readable(base - (uint64_t{1} << 31)));
}

TEST(Memory, NobodyElseIsMappedIntoTheGuards) {  // [M1]
  auto memory = make(pages(1));
  uint8_t* front = memory->base() - kFrontGuard;
  uint8_t* back = memory->base() + kIndexRange + kBackGuard - kPageSize;
  for (uint8_t* place : {front, memory->base() - 4096, memory->base() + kPageSize, back}) {
    void* taken =
        mmap(place, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    EXPECT_EQ(taken, MAP_FAILED);
    EXPECT_EQ(errno, EEXIST);
  }
}

TEST(Memory, GrowsInPlaceAndKeepsItsBytes) {
  auto memory = make(pages(1, 4));
  uint8_t* base = memory->base();
  base[17] = 42;
  EXPECT_EQ(memory->grow(0), 1);
  EXPECT_EQ(memory->grow(2), 1);
  EXPECT_EQ(memory->base(), base);
  EXPECT_EQ(memory->size(), 3 * kPageSize);
  EXPECT_EQ(base[17], 42);
  EXPECT_EQ(base[3 * kPageSize - 1], 0);
  EXPECT_FALSE(readable(base + 3 * kPageSize));
  EXPECT_EQ(memory->grow(2), -1);
  EXPECT_EQ(memory->pages(), 3U);
  EXPECT_EQ(memory->grow(1), 3);
  EXPECT_EQ(memory->grow(1), -1);
  EXPECT_FALSE(memory->hit_limit());  // its own maximum is no limit of the embedder
}

TEST(Memory, OfNoPagesHasNoAccessibleByte) {  // [M1]
  auto memory = make(pages(0));
  EXPECT_EQ(memory->size(), 0U);
  EXPECT_FALSE(readable(memory->base()));
  EXPECT_EQ(memory->at(0, 1), nullptr);
  EXPECT_EQ(memory->at(0, 0), memory->base());
  EXPECT_EQ(memory->grow(1), 0);
  EXPECT_TRUE(readable(memory->base()));
}

TEST(Memory, OfAllPagesEndsAt4GiB) {
  auto memory = make(pages(wasm::kMaxMemoryPages));
  EXPECT_EQ(memory->size(), uint64_t{1} << 32);
  memory->base()[UINT32_MAX] = 1;
  EXPECT_EQ(memory->at(UINT32_MAX, 1), memory->base() + UINT32_MAX);
  EXPECT_EQ(memory->at(UINT32_MAX, 2), nullptr);
  EXPECT_EQ(memory->grow(1), -1);
  EXPECT_EQ(memory->grow(UINT32_MAX), -1);
  EXPECT_EQ(memory->grow(0), 65536);
}

TEST(Memory, TheEmbeddersLimitRefusesAndIsNoted) {  // [L1]
  auto memory = make(pages(1), 3);
  EXPECT_EQ(memory->grow(2), 1);
  EXPECT_FALSE(memory->hit_limit());
  EXPECT_EQ(memory->grow(1), -1);
  EXPECT_TRUE(memory->hit_limit());
  EXPECT_EQ(memory->pages(), 3U);

  auto refused = Memory::create(pages(4), 3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, &diag::memory_limit);
  EXPECT_EQ(refused.error().message(), "memory beyond its limit: 4 pages, limit 3");
}

TEST(Memory, EveryRangeOutsideOfItIsNull) {
  auto memory = make(pages(1));
  EXPECT_EQ(memory->at(kPageSize - 4, 4), memory->base() + kPageSize - 4);
  EXPECT_EQ(memory->at(kPageSize - 4, 5), nullptr);
  EXPECT_EQ(memory->at(kPageSize, 0), memory->base() + kPageSize);
  EXPECT_EQ(memory->at(kPageSize + 1, 0), nullptr);
  EXPECT_EQ(memory->at(UINT64_MAX, 2), nullptr);
  EXPECT_EQ(memory->at(2, UINT64_MAX), nullptr);
  EXPECT_EQ(memory->at(UINT64_MAX, UINT64_MAX), nullptr);
}

int grow_under_rlimit() {
  auto memory = Memory::create(pages(1), wasm::kMaxMemoryPages);
  if (!memory) return 2;
  if (!testing::limit_data_growth(64 << 20)) return 3;
  if ((*memory)->grow(4096) != -1) return 4;
  if (!(*memory)->hit_limit()) return 5;
  if ((*memory)->pages() != 1) return 6;
  (*memory)->base()[0] = 1;
  if (Memory::create(pages(4096), wasm::kMaxMemoryPages)) return 7;
  return 0;
}

TEST(MemoryDeathTest, TheKernelsRefusalIsAResultNotACrash) {  // [L1]
  EXPECT_EXIT(std::_Exit(grow_under_rlimit()), ::testing::ExitedWithCode(0), "");
}

int create_without_address_space() {
  rlimit limit{uint64_t{4} << 30, uint64_t{4} << 30};
  if (setrlimit(RLIMIT_AS, &limit) != 0) return 3;
  auto memory = Memory::create(pages(1), wasm::kMaxMemoryPages);
  return !memory && memory.error().kind->klass == DiagnosticClass::Os ? 0 : 4;
}

TEST(MemoryDeathTest, NoAddressSpaceIsAResultNotACrash) {  // [L1]
#ifdef CORDON_SANITIZED
  GTEST_SKIP() << "the sanitizer's own reservation is beyond the limit";
#endif
  EXPECT_EXIT(std::_Exit(create_without_address_space()), ::testing::ExitedWithCode(0), "");
}

TEST(Memory, ReservationsAreGivenBack) {
  // 40 000 times 8 GiB is more than twice the address space.
  for (int i = 0; i < 40'000; ++i) {
    auto memory = Memory::create(pages(1), wasm::kMaxMemoryPages);
    ASSERT_TRUE(memory) << i << ": " << memory.error().message();
  }
}

}  // namespace
}  // namespace cordon::runtime
