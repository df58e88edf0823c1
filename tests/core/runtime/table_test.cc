// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>
#include <vector>

#include "core/runtime/diagnostics.h"
#include "tests/kit/data_limit.h"

namespace cordon::runtime {
namespace {

using wasm::ValType;

constexpr Trap kOut = Trap::out_of_bounds_table_access;

class TableTest : public ::testing::Test {
 protected:
  std::unique_ptr<Table> make(wasm::Limits limits, uint64_t init = 0) {
    auto table = Table::create({ValType::funcref, limits}, budget, init);
    EXPECT_TRUE(table) << table.error().message();
    return std::move(*table);
  }
  // A table of 0, 1, 2, ...
  std::unique_ptr<Table> counting(uint32_t size) {
    auto table = make({size});
    for (uint32_t i = 0; i < size; ++i) EXPECT_EQ(table->set(i, i), Trap::none);
    return table;
  }
  static std::vector<uint64_t> contents(const Table& table) {
    return {table.elements(), table.elements() + table.size()};
  }

  TableBudget budget{1000};
};

TEST_F(TableTest, StartsWithItsInitialElement) {
  auto table = make({3}, 7);
  EXPECT_EQ(contents(*table), (std::vector<uint64_t>{7, 7, 7}));
}

TEST_F(TableTest, IndicesAreChecked) {
  auto table = counting(3);
  uint64_t value = 99;
  EXPECT_EQ(table->get(2, value), Trap::none);
  EXPECT_EQ(value, 2U);
  EXPECT_EQ(table->get(3, value), kOut);
  EXPECT_EQ(table->get(UINT32_MAX, value), kOut);
  EXPECT_EQ(table->set(3, 1), kOut);
  EXPECT_EQ(table->set(UINT32_MAX, 1), kOut);
  EXPECT_EQ(value, 2U);
}

TEST_F(TableTest, AnEmptyTableTakesEmptyRangesAtZeroAlone) {
  auto table = make({0});
  EXPECT_EQ(table->fill(0, 1, 0), Trap::none);
  EXPECT_EQ(table->fill(1, 1, 0), kOut);
  EXPECT_EQ(table->init(0, {}, 0, 0), Trap::none);
  EXPECT_EQ(Table::copy(*table, 0, *table, 0, 0), Trap::none);
  EXPECT_EQ(Table::copy(*table, 0, *table, 1, 0), kOut);
}

TEST_F(TableTest, ARangeThatDoesNotFitWritesNothing) {
  auto table = counting(4);
  const std::vector<uint64_t> before = contents(*table);
  const std::vector<uint64_t> segment{50, 51};
  EXPECT_EQ(table->fill(2, 9, 3), kOut);
  EXPECT_EQ(table->fill(2, 9, UINT32_MAX), kOut);
  EXPECT_EQ(table->init(3, segment, 0, 2), kOut);
  EXPECT_EQ(table->init(0, segment, 1, 2), kOut);
  EXPECT_EQ(table->init(0, segment, UINT32_MAX, 1), kOut);
  EXPECT_EQ(Table::copy(*table, 3, *table, 0, 2), kOut);
  EXPECT_EQ(Table::copy(*table, 0, *table, 3, 2), kOut);
  EXPECT_EQ(Table::copy(*table, UINT32_MAX, *table, 0, UINT32_MAX), kOut);
  EXPECT_EQ(contents(*table), before);
}

TEST_F(TableTest, CopiesOverlapBothWays) {
  auto up = counting(6);
  EXPECT_EQ(Table::copy(*up, 1, *up, 0, 4), Trap::none);
  EXPECT_EQ(contents(*up), (std::vector<uint64_t>{0, 0, 1, 2, 3, 5}));
  auto down = counting(6);
  EXPECT_EQ(Table::copy(*down, 0, *down, 2, 4), Trap::none);
  EXPECT_EQ(contents(*down), (std::vector<uint64_t>{2, 3, 4, 5, 4, 5}));
}

TEST_F(TableTest, InitTakesPartOfASegment) {
  auto table = counting(4);
  const std::vector<uint64_t> segment{50, 51, 52};
  EXPECT_EQ(table->init(2, segment, 1, 2), Trap::none);
  EXPECT_EQ(contents(*table), (std::vector<uint64_t>{0, 1, 51, 52}));
}

TEST_F(TableTest, GrowsToItsMaximumAndNoFurther) {
  auto table = make({1, 3, true}, 5);
  EXPECT_EQ(table->grow(UINT32_MAX, 6), -1);
  EXPECT_EQ(table->grow(2, 6), 1);
  EXPECT_EQ(table->grow(1, 6), -1);
  EXPECT_EQ(table->grow(0, 6), 3);
  EXPECT_EQ(contents(*table), (std::vector<uint64_t>{5, 6, 6}));
  EXPECT_FALSE(budget.hit_limit);
}

TEST_F(TableTest, AllTablesTogetherStayWithinTheBudget) {  // [L1]
  auto first = make({600});
  EXPECT_EQ(first->grow(300, 0), 600);
  auto second = make({60});
  EXPECT_EQ(second->grow(41, 0), -1);
  EXPECT_TRUE(budget.hit_limit);
  EXPECT_EQ(second->grow(40, 0), 60);
  auto third = Table::create({ValType::externref, {1}}, budget);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().kind, &diag::table_limit);
  EXPECT_EQ(third.error().message(), "tables beyond their limit: 1 elements, left of the limit 0");
}

TEST_F(TableTest, SizesStayApartFromFailureWhateverTheEmbedderAllows) {  // [L1]
  TableBudget boundless{UINT64_MAX};
  auto table = Table::create({ValType::funcref, {0}}, boundless);
  ASSERT_TRUE(table);
  EXPECT_EQ((*table)->grow(UINT32_MAX, 0), -1);
  EXPECT_TRUE(boundless.hit_limit);
}

TEST_F(TableTest, GrowingOneByOneIsNotQuadratic) {  // [L1]
  constexpr uint32_t kMany = 3'000'000;
  TableBudget large{kMany};
  auto table = Table::create({ValType::externref, {0}}, large);
  ASSERT_TRUE(table);
  for (uint32_t i = 0; i < kMany; ++i) ASSERT_EQ((*table)->grow(1, i), static_cast<int32_t>(i));
  EXPECT_EQ((*table)->grow(1, 0), -1);
  for (uint32_t i = 0; i < kMany; i += 999) ASSERT_EQ((*table)->elements()[i], i);
}

int grow_under_rlimit() {
  TableBudget budget{UINT64_MAX};
  auto table = Table::create({ValType::funcref, {10}}, budget, 7);
  if (!table || !testing::limit_data_growth(64 << 20)) return 2;
  if ((*table)->grow(100'000'000, 0) != -1 || !budget.hit_limit) return 3;
  uint64_t value = 0;
  if ((*table)->size() != 10 || (*table)->get(9, value) != Trap::none || value != 7) return 4;
  return 0;
}

TEST_F(TableTest, TheAllocatorsRefusalIsAnAnswerNotACrash) {  // [L1]
#ifdef CORDON_SANITIZED
  GTEST_SKIP() << "the sanitizer's allocator ends the process instead of refusing";
#endif
  EXPECT_EXIT(std::_Exit(grow_under_rlimit()), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace cordon::runtime
