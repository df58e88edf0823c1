// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs of instructions that the interpreter does at once: they mean what their instructions mean,
// and where one of them traps it is that one. It looks ahead for them, but not beyond the module.
#include <gtest/gtest.h>

#include "tests/core/interp/guest.h"

namespace cordon::interp {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;
using Slots = std::vector<uint64_t>;

constexpr ValType I = ValType::i32;

// One that gives an i32, with 8 in local 0 and the words 8, 16 and 24 from there on in memory.
struct Statement {
  WasmBytes code;
  uint32_t value;
};

std::vector<Statement> statements() {
  return {
      {WasmBytes().local_get(0), 8},
      {WasmBytes().local_get(0).access(Op::i32_load, 4), 16},
      {WasmBytes().local_get(0).access(Op::i32_load, 4).access(Op::i32_load, 0), 24},
      {WasmBytes().local_get(0).access(Op::i32_load, 0).access(Op::i32_load, 4), 16},
      {WasmBytes().local_get(0).access(Op::i32_load, 0).access(Op::i32_load, 200), 0},
      {WasmBytes().local_get(0).access(Op::i32_load, 200).access(Op::i32_load, 8), 8},
      {WasmBytes().local_get(0).i32_const(-3).op(Op::i32_add), 5},
      {WasmBytes().local_get(0).i32_const(300).op(Op::i32_add), 308},
      {WasmBytes().local_get(0).i32_const(7).op(Op::i32_sub), 1},
      {WasmBytes().local_get(0).local_get(0).op(Op::i32_add), 16},
      {WasmBytes().local_get(0).local_get(0).access(Op::i32_load, 4).op(Op::i32_sub), 0u - 8},
      {WasmBytes().local_get(0).local_get(0).access(Op::i32_store, 4).local_get(0), 8},
      {WasmBytes().local_get(0).i32_const(1).op(Op::i32_add).op(Op::global_set).u32(0).local_get(0),
       8},
  };
}

TEST(Statements, MeanTheSameHoweverNearTheModuleEnds) {
  const std::vector<Statement> all = statements();
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t behind = 0; behind <= 16; ++behind) {
      ModuleBuilder module;
      module.memory({1});
      module.global({I, true}, WasmBytes().i32_const(0));
      const WasmBytes code = WasmBytes(all[i].code).repeat(behind, WasmBytes().op(Op::nop));
      module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code));
      World world;
      const Guest guest(world, module);
      uint8_t* const memory = guest.instance().memory0()->base();
      memory[8] = 8, memory[12] = 16, memory[16] = 24;
      EXPECT_EQ(guest.call("f", {8}).results, Slots{all[i].value}) << i << ", " << behind;
    }
  }
}

// The first load is by local 0, the second by what it gave.
TEST(Statements, OfTwoLoadsTheOneOutOfBoundsTraps) {
  constexpr uint32_t kLast = 65536 - 4;
  for (uint32_t offset : {0u, 8u, 200u}) {
    ModuleBuilder module;
    module.memory({1});
    module.custom("room to look ahead", WasmBytes());
    const WasmBytes first = WasmBytes().local_get(0).access(Op::i32_load, offset);
    const WasmBytes code = WasmBytes(first).access(Op::i32_load, 8);
    module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code));
    World world;
    const Guest guest(world, module);
    uint8_t* const word = guest.instance().memory0()->base() + 1024;
    const auto& trace = world.execution.trace;

    EXPECT_EQ(guest.call("f", {kLast - offset + 1}).trap, Trap::out_of_bounds_memory_access);
    ASSERT_EQ(trace.size(), 1u);
    EXPECT_EQ(trace[0].module_offset, guest.offset_of(code) + 2);

    const uint32_t bad = kLast - 8 + 1;
    std::memcpy(word, &bad, sizeof bad);
    EXPECT_EQ(guest.call("f", {1024 - offset}).trap, Trap::out_of_bounds_memory_access);
    ASSERT_EQ(trace.size(), 1u);
    EXPECT_EQ(trace[0].module_offset, guest.offset_of(code) + first.size());

    const uint32_t good = bad - 1;
    std::memcpy(word, &good, sizeof good);
    EXPECT_EQ(guest.call("f", {1024 - offset}).results, Slots{0});
  }
}

// With its result as a value, and with an if that it decides at once.
TEST(Statements, AComparisonDecidesItsIf) {
  const auto f64s = [](double left, double right) {
    return WasmBytes().f64_const(left).f64_const(right);
  };
  const WasmBytes comparisons[] = {
      WasmBytes().i32_const(0).op(Op::i32_eqz),
      WasmBytes().i32_const(3).op(Op::i32_eqz),
      WasmBytes().i64_const(0).op(Op::i64_eqz),
      WasmBytes().i64_const(1l << 40).op(Op::i64_eqz),
      WasmBytes().i32_const(-1).i32_const(1).op(Op::i32_lt_s),
      WasmBytes().i32_const(-1).i32_const(1).op(Op::i32_lt_u),
      f64s(1, 2).op(Op::f64_lt),
      f64s(2, 2).op(Op::f64_ne),
  };
  for (const WasmBytes& comparison : comparisons) {
    for (uint32_t under = 0; under <= 4; ++under) {
      const WasmBytes operands = WasmBytes().repeat(under, WasmBytes().i32_const(100));
      const WasmBytes sum = WasmBytes().repeat(under, WasmBytes().op(Op::i32_add));
      WasmBytes value, decided;
      value.append(operands).append(comparison).append(sum);
      decided.append(operands).append(comparison).block(Op::if_, I).i32_const(1).op(Op::else_);
      decided.i32_const(0).end().append(sum);
      ModuleBuilder module;
      module.export_("value", ExternKind::Func, module.func({{}, {I}}, value));
      module.export_("decided", ExternKind::Func, module.func({{}, {I}}, decided));
      World world;
      const Guest guest(world, module);
      EXPECT_EQ(guest.call("value").results, guest.call("decided").results) << under;
    }
  }
}

// A compiled switch opens so many.
TEST(Statements, BlocksInARowAreOpenedWhateverTheirNumber) {
  for (uint32_t count = 1; count <= 70; ++count) {
    WasmBytes code;
    for (uint32_t i = 0; i < count; ++i) code.block(Op::block);
    code.local_get(0).op(Op::br_table).u32(count - 1);
    for (uint32_t i = 0; i < count; ++i) code.u32(i);
    for (uint32_t i = 0; i < count; ++i) {
      code.end().local_get(1).i32_const(1).op(Op::i32_add).local_set(1);
    }
    ModuleBuilder module;
    module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code.local_get(1), {{1, I}}));
    World world;
    const Guest guest(world, module);
    EXPECT_EQ(guest.call("f", {0}).results, Slots{count});
    EXPECT_EQ(guest.call("f", {count}).results, Slots{1});
  }
}

}  // namespace
}  // namespace cordon::interp
