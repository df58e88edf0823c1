// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The places of parameters and results in the outgoing area, for all types.
#include "core/abi/convention.h"

#include <gtest/gtest.h>

#include <vector>

namespace cordon::abi {
namespace {

using wasm::FuncType;
using wasm::ValType;

// The slot of each stack parameter, in their order.
std::vector<uint32_t> stack_params(const FuncType& type) {
  std::vector<uint32_t> slots;
  ParamPlaces places(type);
  for (const ValType param : type.params) {
    const ParamPlace place = places.next(param);
    if (place.kind == ParamPlace::Kind::Stack) slots.push_back(place.index);
  }
  EXPECT_EQ(places.stack_slots(), stack_use(type).total());
  return slots;
}

std::vector<uint32_t> further_results(const FuncType& type) {
  std::vector<uint32_t> slots;
  ResultPlaces places;
  for (size_t i = 1; i < type.results.size(); ++i) slots.push_back(places.next(type.results[i]));
  return slots;
}

FuncType type_of(size_t ints, size_t floats, size_t results) {
  FuncType type;
  type.params.assign(ints, ValType::i64);
  type.params.insert(type.params.end(), floats, ValType::f64);
  type.results.assign(results, ValType::i32);
  return type;
}

using Slots = std::vector<uint32_t>;

TEST(Convention, ResultsStandBeforeStackParameters) {
  const FuncType type = type_of(8, 9, 4);
  EXPECT_EQ(further_results(type), (Slots{0, 1, 2}));
  EXPECT_EQ(stack_params(type), (Slots{3, 4, 5}));
  EXPECT_EQ(stack_use(type).results, 3U);
  EXPECT_EQ(stack_use(type).params, 3U);
}

TEST(Convention, WhatHasARegisterTakesNoSlot) {
  for (const size_t results : {0, 1}) {
    const FuncType type = type_of(kIntParams.size(), kFloatParams.size(), results);
    EXPECT_EQ(stack_use(type).total(), 0U) << results;
    EXPECT_EQ(stack_params(type), Slots{}) << results;
    EXPECT_EQ(stack_params(type_of(kIntParams.size() + 1, 0, results)), Slots{0}) << results;
  }
}

// The properties on which a tail call relies.
TEST(Convention, PlacesOfResultsDependOnResultsAlone) {
  for (size_t results = 0; results < 5; ++results) {
    const Slots expected = further_results(type_of(0, 0, results));
    for (size_t params = 0; params < 20; ++params) {
      const FuncType type = type_of(params, params, results);
      EXPECT_EQ(further_results(type), expected);
      const Slots taken = stack_params(type);
      if (!taken.empty()) EXPECT_EQ(taken[0], result_slots(type.results));
    }
  }
}

}  // namespace
}  // namespace cordon::abi
