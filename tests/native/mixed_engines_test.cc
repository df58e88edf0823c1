// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instances of both engines in one store, calling each other ([D1]): recursion, traps, fuel and
// traces come out the same whoever is compiled.
#include <gtest/gtest.h>

#include <deque>

#include "core/embed/jit_code_source.h"
#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/pipeline.h"
#include "tests/kit/module_builder.h"

namespace cordon {
namespace {

using engine::Engine;
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

struct World {
  World(Engine even, Engine odd, int64_t fuel)
      : execution(*runtime::Execution::create(uint64_t{4} << 20, fuel)) {
    linker.define("shared", "table", *store.add_table({ValType::funcref, {2, 2, true}}));
    first = &add(half("even", 0, 1), even, fuel);
    add(half("odd", 1, 0), odd, fuel);
  }
  runtime::Instance& add(const ModuleBuilder& module, Engine kind, int64_t fuel) {
    bytes.push_back(module.build());
    engine::Config config;
    config.engine = kind;
    config.code_source = &compiler;
    config.fuel = fuel;
    auto loaded = engine::load(bytes.back(), config);
    if (!loaded) {
      ADD_FAILURE() << loaded.error().message();
      std::abort();
    }
    return *engine::instantiate(store, *loaded, linker, execution)->instance;
  }
  std::string call(uint32_t depth, uint32_t divisor) {
    using engine::Value;
    auto outcome = engine::invoke(
        execution, *first, "even",
        std::vector<Value>{Value::i32(depth), Value::i64(0), Value::f64(0), Value::i32(divisor)});
    if (!outcome) return outcome.error().message();
    std::string out(trap_name(outcome->trap));
    for (const Value& value : outcome->results) out += " " + to_typed_text(value);
    for (const runtime::TraceFrame& frame : execution.trace) {
      out += " " + std::to_string(frame.module_offset);
    }
    return out;
  }

  embed::JitCodeSource compiler;
  std::deque<std::vector<uint8_t>> bytes;
  runtime::Store store;
  engine::Linker linker{store};
  runtime::Execution execution;
  runtime::Instance* first;
};

TEST(MixedEngines, CallEachOtherAsOne) {
  constexpr int64_t kFuel = 1'000'000;
  World reference(Engine::Interp, Engine::Interp, kFuel);
  World others[] = {{Engine::Jit, Engine::Jit, kFuel},
                    {Engine::Jit, Engine::Interp, kFuel},
                    {Engine::Interp, Engine::Jit, kFuel}};
  for (uint32_t depth : {0U, 1U, 2U, 33U, 100U}) {
    for (uint32_t divisor : {1U, 0U}) {
      const std::string expected = reference.call(depth, divisor);
      for (World& world : others) {
        EXPECT_EQ(world.call(depth, divisor), expected) << depth;
        EXPECT_EQ(world.execution.fuel, reference.execution.fuel) << depth;
        EXPECT_TRUE(world.store.is_at_rest());
      }
    }
  }
}

TEST(MixedEngines, FuelEndsAtTheSamePlace) {
  for (int64_t fuel = 0; fuel < 200; ++fuel) {
    World reference(Engine::Interp, Engine::Interp, fuel);
    const std::string expected = reference.call(6, 1);
    for (auto [even, odd] : {std::pair{Engine::Jit, Engine::Jit},
                             {Engine::Jit, Engine::Interp},
                             {Engine::Interp, Engine::Jit}}) {
      World world(even, odd, fuel);
      ASSERT_EQ(world.call(6, 1), expected) << fuel;
      ASSERT_EQ(world.execution.fuel, reference.execution.fuel) << fuel;
    }
  }
}

// [S1] A guest that recurses between instances takes the host's stack too; it ends as any other.
TEST(MixedEngines, EndlessRecursionEnds) {
  for (auto [even, odd] : {std::pair{Engine::Jit, Engine::Jit},
                           {Engine::Jit, Engine::Interp},
                           {Engine::Interp, Engine::Jit}}) {
    World world(even, odd, runtime::Execution::kUnlimitedFuel);
    EXPECT_TRUE(world.call(0xffffffff, 1).starts_with("call_stack_exhausted"));
    EXPECT_EQ(world.call(2, 1), "none i64:2 f64:1");
  }
}

}  // namespace
}  // namespace cordon
