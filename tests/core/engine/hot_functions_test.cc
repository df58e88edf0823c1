// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/hot_functions.h"

#include <gtest/gtest.h>

#include "tests/kit/world.h"

namespace cordon::engine {
namespace {

using Bodies = std::vector<uint32_t>;

class HotFunctionsTest : public ::testing::Test {
 protected:
  // Four functions, the last of which is 1000 times as long.
  static std::vector<uint8_t> bytes() {
    testing::ModuleBuilder module;
    for (int i = 0; i < 3; ++i) module.func({}, testing::WasmBytes().op(wasm::Op::nop));
    module.func({}, testing::WasmBytes().repeat(3000, testing::WasmBytes().op(wasm::Op::nop)));
    return module.build();
  }
  const std::vector<uint8_t> bytes_ = bytes();
  const LoadedModule loaded_ = testing::must(load(bytes_));
  const wasm::ValidatedModule& module_ = *loaded_.module;
};

TEST_F(HotFunctionsTest, WithAThresholdOfNothingAllAreHotAtOnce) {
  HotFunctions hot(module_, {.fuel = 0});
  EXPECT_EQ(hot.take_hot(), (Bodies{0, 1, 2, 3}));
  hot.note(2, 1000);
  EXPECT_EQ(hot.take_hot(), Bodies{});
}

TEST_F(HotFunctionsTest, EachIsGivenOnceWhenItsFuelIsThere) {
  HotFunctions hot(module_, {.fuel = 100});
  hot.note(1, 99);
  EXPECT_EQ(hot.take_hot(), Bodies{});
  hot.note(1, 1);
  hot.note(3, 200);
  hot.note(0, 99);
  EXPECT_EQ(hot.take_hot(), (Bodies{3, 1}));
  hot.note(1, 1000);
  hot.note(3, 1000);
  EXPECT_EQ(hot.take_hot(), Bodies{});
  hot.note(0, 1);
  EXPECT_EQ(hot.take_hot(), Bodies{0});
}

TEST_F(HotFunctionsTest, OneThatHasCodeIsNotGiven) {
  HotFunctions hot(module_, {.fuel = 100});
  hot.note(1, 100);
  hot.forget(1);
  hot.forget(2);
  hot.note(2, 100);
  EXPECT_EQ(hot.take_hot(), Bodies{});
}

// The fuel at which a function that takes all of it is first given.
uint64_t fuel_until_hot(const wasm::ValidatedModule& module, uint32_t body, uint64_t load_ns) {
  HotFunctions hot(module, {.load_ns = load_ns});
  constexpr uint64_t kStep = 1000;
  uint64_t fuel = 0;
  do {
    hot.note(body, kStep);
    fuel += kStep;
  } while (hot.take_hot().empty());
  return fuel;
}

// By the model: a run that is short requests nothing, a large module starts later, and a large
// function pays for its size once the start is paid.
TEST_F(HotFunctionsTest, ByDefaultTheCostsOfStartModuleAndFunctionCount) {
  const uint64_t small = fuel_until_hot(module_, 0, 0);
  EXPECT_GT(small, 500'000U);
  EXPECT_LT(small, 50'000'000U);
  EXPECT_GT(fuel_until_hot(module_, 0, 100'000'000), 10 * small);
  // Others have paid for the start.
  HotFunctions hot(module_, {});
  hot.note(0, 2 * small);
  EXPECT_EQ(hot.take_hot(), Bodies{0});
  hot.note(1, small / 4);
  hot.note(3, small / 4);
  const Bodies next = hot.take_hot();
  EXPECT_EQ(std::ranges::count(next, 1U), 1);
}

TEST_F(HotFunctionsTest, WhatIsHotBeforeTheStartIsGivenThenTheHottestFirst) {
  HotFunctions hot(module_, {.load_ns = 1'000'000'000});
  const uint64_t start = fuel_until_hot(module_, 0, 1'000'000'000);
  hot.note(1, start / 4);
  hot.note(2, start / 3);
  EXPECT_EQ(hot.take_hot(), Bodies{});
  hot.note(0, start);
  EXPECT_EQ(hot.take_hot(), (Bodies{0, 2, 1}));
}

}  // namespace
}  // namespace cordon::engine
