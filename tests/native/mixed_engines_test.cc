// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instances of both engines in one store, calling each other ([D1]): recursion, traps, fuel and
// traces are the same whichever of them is compiled.
#include <gtest/gtest.h>

#include <deque>
#include <utility>

#include "tests/kit/compiling_world.h"
#include "tests/kit/engines.h"

namespace cordon {
namespace {

using engine::Engine;
using testing::EngineRow;
using testing::kEngines;
using testing::kReference;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

constexpr ValType kI32 = ValType::i32, kI64 = ValType::i64, kF64 = ValType::f64;

// even(n) calls odd(n - 1) of the other instance through a shared table, and so on; 0 ends it: with
// the number of calls, or with a division by zero where `fails`.
ModuleBuilder half(const char* name, int32_t own_slot, int32_t other_slot) {
  ModuleBuilder module;
  module.import_table("shared", "table", {ValType::funcref, {2, 2, true}});
  const wasm::FuncType type{{kI32, kI64, kF64, kI32}, {kI64, kF64}};
  const uint32_t type_index = module.type(type);
  WasmBytes code;
  code.local_get(0).op(Op::i32_eqz).block_of_type(Op::if_, module.type({{}, {kI64, kF64}}));
  code.i32_const(7).local_get(3).op(Op::i32_div_u).op(Op::drop);
  code.local_get(1).local_get(2).op(Op::else_);
  code.local_get(0).i32_const(1).op(Op::i32_sub);
  code.local_get(1).i64_const(1).op(Op::i64_add);
  code.local_get(2).f64_const(0.5).op(Op::f64_add);
  code.local_get(3);
  code.i32_const(other_slot).op(Op::call_indirect).u32(type_index).u32(0).end();
  const uint32_t func = module.func(type, code);
  module.elem(own_slot, {func});
  module.export_(name, ExternKind::Func, func);
  return module;
}

struct Pair : testing::CompilingWorld {
  Pair(Engine even, Engine odd, int64_t fuel) : CompilingWorld({.fuel = fuel}) {
    linker.define("shared", "table", *store.add_table({ValType::funcref, {2, 2, true}}));
    first = &add(half("even", 0, 1), even);
    add(half("odd", 1, 0), odd);
  }
  // Fuel may end in its element segment.
  runtime::Instance& add(const ModuleBuilder& module, Engine engine) {
    return *testing::must(try_instantiate(testing::must(load(module.build(), engine)))).instance;
  }
  std::string call(uint32_t depth, uint32_t divisor) {
    using engine::Value;
    const std::string values = result(
        *first, "even", {Value::i32(depth), Value::i64(0), Value::f64(0), Value::i32(divisor)});
    return trace().empty() ? values : values + " at " + trace();
  }

  runtime::Instance* first;
};

// Who runs the even and the odd calls: all pairs but that of the reference with itself.
std::vector<std::pair<Engine, Engine>> compared_pairs() {
  std::vector<std::pair<Engine, Engine>> pairs;
  for (const EngineRow& even : kEngines) {
    for (const EngineRow& odd : kEngines) pairs.emplace_back(even.engine, odd.engine);
  }
  pairs.erase(pairs.begin());
  return pairs;
}
Pair reference_pair(int64_t fuel) { return {kReference.engine, kReference.engine, fuel}; }

TEST(MixedEngines, CallEachOtherAsOne) {
  constexpr int64_t kFuel = 1'000'000;
  Pair reference = reference_pair(kFuel);
  std::deque<Pair> others;
  for (const auto& [even, odd] : compared_pairs()) others.emplace_back(even, odd, kFuel);
  for (uint32_t depth : {0U, 1U, 2U, 33U, 100U}) {
    for (uint32_t divisor : {1U, 0U}) {
      const std::string expected = reference.call(depth, divisor);
      for (Pair& pair : others) {
        EXPECT_EQ(pair.call(depth, divisor), expected) << depth;
        EXPECT_EQ(pair.execution.fuel, reference.execution.fuel) << depth;
      }
    }
  }
}

TEST(MixedEngines, FuelEndsAtTheSamePlace) {
  for (int64_t fuel = 0; fuel < 200; ++fuel) {
    Pair reference = reference_pair(fuel);
    const std::string expected = reference.call(6, 1);
    for (const auto& [even, odd] : compared_pairs()) {
      Pair pair(even, odd, fuel);
      ASSERT_EQ(pair.call(6, 1), expected) << fuel;
      ASSERT_EQ(pair.execution.fuel, reference.execution.fuel) << fuel;
    }
  }
}

// [S1] A guest that recurses between instances takes the host's stack too; it ends as any other.
TEST(MixedEngines, EndlessRecursionEnds) {
  for (const auto& [even, odd] : compared_pairs()) {
    Pair pair(even, odd, runtime::Execution::kUnlimitedFuel);
    EXPECT_TRUE(pair.call(0xffffffff, 1).starts_with("trap: call stack exhausted"));
    EXPECT_EQ(pair.call(2, 1), "i64:2 f64:1");
  }
}

}  // namespace
}  // namespace cordon
