// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/bulk.h"

#include <gtest/gtest.h>

#include <string>

#include "core/runtime/store.h"

namespace cordon::runtime {
namespace {

constexpr Trap kOutOfMemory = Trap::out_of_bounds_memory_access;
constexpr Trap kOutOfTable = Trap::out_of_bounds_table_access;
constexpr int64_t kFuel = 1'000'000;

// An instance as instantiation would leave it: one page, two tables of 8, one segment of each kind.
class Bulk : public ::testing::Test {
 protected:
  Bulk() : execution(*Execution::create(4096, kFuel)) {
    instance.memories = {*store.add_memory({{1}})};
    for (int i = 0; i < 2; ++i) {
      instance.tables.push_back(*store.add_table({wasm::ValType::funcref, {8, 12, true}}));
    }
    instance.datas = {as_bytes("0123456789")};
    instance.elems = {{50, 51, 52}};
  }
  std::string text(uint32_t at, uint32_t size) const {
    return {reinterpret_cast<const char*>(instance.memories[0]->at(at, size)), size};
  }
  uint64_t element(uint32_t table, uint32_t index) const {
    return instance.tables[table]->elements()[index];
  }
  int64_t spent() const { return kFuel - execution.fuel; }

  Store store;
  Instance instance;
  Execution execution;
};

TEST_F(Bulk, MemoryInitCopiesFromTheSegment) {
  EXPECT_EQ(memory_init(execution, instance, 0, 100, 2, 3), Trap::none);
  EXPECT_EQ(text(99, 5), std::string("\0"
                                     "234\0",
                                     5));
}

TEST_F(Bulk, MemoryInitIsCheckedAtBothEnds) {
  EXPECT_EQ(memory_init(execution, instance, 0, 65533, 0, 4), kOutOfMemory);
  EXPECT_EQ(memory_init(execution, instance, 0, 0, 7, 4), kOutOfMemory);
  EXPECT_EQ(memory_init(execution, instance, 0, 0, UINT32_MAX, 2), kOutOfMemory);
  EXPECT_EQ(memory_init(execution, instance, 0, UINT32_MAX, 0, 2), kOutOfMemory);
  EXPECT_EQ(memory_init(execution, instance, 0, 0, 0, UINT32_MAX), kOutOfMemory);
  EXPECT_EQ(memory_init(execution, instance, 0, 65537, 0, 0), kOutOfMemory);
  EXPECT_EQ(memory_init(execution, instance, 0, 65536, 10, 0), Trap::none);
  EXPECT_EQ(text(65533, 3), std::string(3, '\0'));
  EXPECT_EQ(spent(), 0);
}

TEST_F(Bulk, ADroppedDataSegmentIsEmpty) {
  data_drop(instance, 0);
  data_drop(instance, 0);
  EXPECT_EQ(memory_init(execution, instance, 0, 0, 0, 0), Trap::none);
  EXPECT_EQ(memory_init(execution, instance, 0, 0, 0, 1), kOutOfMemory);
  EXPECT_EQ(memory_init(execution, instance, 0, 0, 1, 0), kOutOfMemory);
}

TEST_F(Bulk, MemoryCopyOverlapsBothWays) {
  ASSERT_EQ(memory_init(execution, instance, 0, 0, 0, 10), Trap::none);
  EXPECT_EQ(memory_copy(execution, instance, 2, 0, 8), Trap::none);
  EXPECT_EQ(text(0, 10), "0101234567");
  EXPECT_EQ(memory_copy(execution, instance, 0, 2, 8), Trap::none);
  EXPECT_EQ(text(0, 10), "0123456767");
}

TEST_F(Bulk, MemoryCopyAndFillAreChecked) {
  EXPECT_EQ(memory_copy(execution, instance, 65535, 0, 2), kOutOfMemory);
  EXPECT_EQ(memory_copy(execution, instance, 0, 65535, 2), kOutOfMemory);
  EXPECT_EQ(memory_copy(execution, instance, UINT32_MAX, UINT32_MAX, UINT32_MAX), kOutOfMemory);
  EXPECT_EQ(memory_fill(execution, instance, 65535, 1, 2), kOutOfMemory);
  EXPECT_EQ(memory_fill(execution, instance, 1, 1, UINT32_MAX), kOutOfMemory);
  EXPECT_EQ(text(65535, 1), std::string(1, '\0'));
  EXPECT_EQ(memory_fill(execution, instance, 65535, 'x', 1), Trap::none);
  EXPECT_EQ(text(65534, 2), std::string("\0x", 2));
}

TEST_F(Bulk, BytesAreChargedByTheStartedSixtyFour) {
  struct {
    uint32_t size;
    int64_t cost;
  } const rows[] = {{0, 0}, {1, 1}, {64, 1}, {65, 2}, {65536, 1024}};
  for (const auto& [size, cost] : rows) {
    execution.fuel = kFuel;
    ASSERT_EQ(memory_fill(execution, instance, 0, 1, size), Trap::none);
    EXPECT_EQ(spent(), cost) << size;
    execution.fuel = kFuel;
    ASSERT_EQ(memory_copy(execution, instance, 0, 0, size), Trap::none);
    EXPECT_EQ(spent(), cost) << size;
  }
}

TEST_F(Bulk, WhatTheFuelDoesNotPayIsNotDone) {  // [L1]
  execution.fuel = 1;
  EXPECT_EQ(memory_fill(execution, instance, 0, 'x', 65), Trap::fuel_exhausted);
  EXPECT_LT(execution.fuel, 0);
  EXPECT_EQ(text(0, 1), std::string(1, '\0'));
  execution.fuel = 1;
  EXPECT_EQ(memory_fill(execution, instance, 0, 'x', 64), Trap::none);
  EXPECT_EQ(execution.fuel, 0);
  execution.fuel = 7;
  EXPECT_EQ(table_fill(execution, instance, 0, 0, 9, 8), Trap::fuel_exhausted);
  EXPECT_EQ(element(0, 0), 0U);
  int32_t old_size = 0;
  execution.fuel = 1;
  EXPECT_EQ(table_grow(execution, instance, 0, 0, 2, old_size), Trap::fuel_exhausted);
  EXPECT_EQ(instance.tables[0]->size(), 8U);
}

TEST_F(Bulk, TableInitTakesPartOfASegmentUntilItIsDropped) {
  EXPECT_EQ(table_init(execution, instance, 0, 1, 6, 1, 2), Trap::none);
  EXPECT_EQ(element(1, 6), 51U);
  EXPECT_EQ(element(1, 7), 52U);
  EXPECT_EQ(spent(), 2);
  EXPECT_EQ(table_init(execution, instance, 0, 1, 7, 0, 2), kOutOfTable);
  EXPECT_EQ(table_init(execution, instance, 0, 1, 0, 2, 2), kOutOfTable);
  EXPECT_EQ(table_init(execution, instance, 0, 1, UINT32_MAX, UINT32_MAX, UINT32_MAX), kOutOfTable);
  elem_drop(instance, 0);
  elem_drop(instance, 0);
  EXPECT_EQ(table_init(execution, instance, 0, 1, 0, 0, 1), kOutOfTable);
  EXPECT_EQ(table_init(execution, instance, 0, 1, 8, 0, 0), Trap::none);
  EXPECT_EQ(table_init(execution, instance, 0, 1, 9, 0, 0), kOutOfTable);
}

TEST_F(Bulk, TableCopyGoesFromTheSecondToTheFirst) {
  ASSERT_EQ(table_fill(execution, instance, 1, 2, 9, 3), Trap::none);
  EXPECT_EQ(table_copy(execution, instance, 0, 1, 5, 2, 3), Trap::none);
  EXPECT_EQ(element(0, 4), 0U);
  EXPECT_EQ(element(0, 7), 9U);
  EXPECT_EQ(table_copy(execution, instance, 0, 1, 6, 2, 3), kOutOfTable);
  EXPECT_EQ(table_copy(execution, instance, 0, 1, 0, 6, 3), kOutOfTable);
  EXPECT_EQ(table_copy(execution, instance, 0, 0, UINT32_MAX, 0, 1), kOutOfTable);
  EXPECT_EQ(spent(), 6);
}

TEST(BulkMemoryGrow, IsMinusOneAtALimitThatTheGuestMaySee) {  // [L1]
  Store limited({.max_memory_pages = 3, .growth_fails = true});
  Memory& memory = **limited.add_memory({{1}});
  int32_t old_pages = 0;
  EXPECT_EQ(memory_grow(memory, 3, old_pages), Trap::none);
  EXPECT_EQ(old_pages, -1);
  EXPECT_TRUE(limited.hit_memory_limit());
  EXPECT_EQ(memory_grow(memory, 2, old_pages), Trap::none);
  EXPECT_EQ(old_pages, 1);
}

TEST(BulkMemoryGrow, TellsTheTypesMaximumFromTheEmbeddersLimit) {  // [L1]
  Store limited({.max_memory_pages = 3});
  Memory& open = **limited.add_memory({{1}});
  Memory& bounded = **limited.add_memory({{1, 2, true}});
  int32_t old_pages = 0;
  EXPECT_EQ(memory_grow(bounded, 2, old_pages), Trap::none);
  EXPECT_EQ(old_pages, -1);
  EXPECT_EQ(memory_grow(open, 65536, old_pages), Trap::none);
  EXPECT_EQ(old_pages, -1);
  EXPECT_FALSE(limited.hit_memory_limit());
  EXPECT_EQ(memory_grow(open, 3, old_pages), Trap::memory_limit);
  EXPECT_TRUE(limited.hit_memory_limit());
  // What the type refuses stays an answer afterwards.
  EXPECT_EQ(memory_grow(open, 65536, old_pages), Trap::none);
  EXPECT_EQ(memory_grow(open, 2, old_pages), Trap::none);
  EXPECT_EQ(old_pages, 1);
  EXPECT_EQ(limited.memory_bytes(), 4 * kPageSize);
}

TEST_F(Bulk, TableGrowChargesOnlyWhatItDoes) {
  int32_t old_size = 0;
  EXPECT_EQ(table_grow(execution, instance, 0, 9, 5, old_size), Trap::none);
  EXPECT_EQ(old_size, -1);
  EXPECT_EQ(table_grow(execution, instance, 0, 9, UINT32_MAX, old_size), Trap::none);
  EXPECT_EQ(old_size, -1);
  EXPECT_EQ(spent(), 0);
  EXPECT_EQ(table_grow(execution, instance, 0, 9, 4, old_size), Trap::none);
  EXPECT_EQ(old_size, 8);
  EXPECT_EQ(spent(), 4);
  EXPECT_EQ(element(0, 11), 9U);
}

}  // namespace
}  // namespace cordon::runtime
