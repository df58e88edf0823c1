// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs of instructions that the interpreter executes at once: they mean what their instructions
// mean, and a trap is at the instruction that traps. It looks ahead for them; a body that ends with
// the module, so that nothing follows it, is run from a copy.
#include <gtest/gtest.h>

#include "tests/kit/world.h"

namespace cordon::interp {
namespace {

using testing::Guest;
using testing::ModuleBuilder;
using testing::WasmBytes;
using testing::World;
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

// The function that traps or the one that calls it is the last of the module, or neither is.
TEST(Statements, InACopiedBodyTrapWhereTheModuleHasThem) {
  for (unsigned copied = 0; copied < 3; ++copied) {
    const WasmBytes load = WasmBytes().local_get(0).access(Op::i32_load, 8);
    const WasmBytes call = WasmBytes().op(Op::nop).local_get(0).call(copied == 1 ? 1 : 0);
    ModuleBuilder module;
    module.memory({1});
    const auto add = [&](std::string_view name, const WasmBytes& code) {
      module.export_(name, ExternKind::Func, module.func({{I}, {I}}, code));
    };
    if (copied == 1) add("call", call);
    add("load", load);
    if (copied != 1) add("call", call);
    if (copied == 0) module.custom("room to look ahead", WasmBytes());
    World world;
    const Guest guest(world, module);
    EXPECT_EQ(guest.call("call", {65536}).trap, Trap::out_of_bounds_memory_access);
    const auto& trace = world.execution.trace;
    ASSERT_EQ(trace.size(), 2u);
    EXPECT_EQ(trace[0].module_offset, guest.offset_of(load) + 2) << copied;
    EXPECT_EQ(trace[1].module_offset, guest.offset_of(call) + 3) << copied;
  }
}

TEST(Statements, AStackThatEndsInACopiedBodyEndsAtItsFirstInstruction) {
  ModuleBuilder module;
  const WasmBytes code = WasmBytes().call(0);
  module.export_("f", ExternKind::Func, module.func({}, code));
  World world;
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("f").trap, Trap::call_stack_exhausted);
  for (const runtime::TraceFrame& frame : world.execution.trace) {
    EXPECT_EQ(frame.module_offset, guest.offset_of(code));
  }
}

// What C functions end with: room on their own stack is given back, and a local is what they give.
TEST(Statements, AfterASumForAGlobalALocalEndsTheFunctionOrABlock) {
  const WasmBytes give_back =
      WasmBytes().local_get(0).i32_const(16).op(Op::i32_add).op(Op::global_set).u32(0);
  const struct {
    const char* what;
    std::vector<ValType> results;
    WasmBytes code;
    Slots values;  // called with 5
  } functions[] = {
      {"function", {I}, WasmBytes(give_back).local_get(0), {5}},
      {"function of two", {I, I}, WasmBytes().i32_const(9).append(give_back).local_get(0), {9, 5}},
      {"function of none", {}, give_back, {}},
      {"block",
       {I},
       WasmBytes()
           .block(Op::block, I)
           .append(give_back)
           .local_get(0)
           .end()
           .i32_const(1)
           .op(Op::i32_add),
       {6}},
      {"long local", {I}, WasmBytes(give_back).op(Op::local_get).u8(0x80).u8(0), {5}},
  };
  for (const auto& [what, results, code, values] : functions) {
    for (const bool room : {false, true}) {
      ModuleBuilder module;
      module.global({I, true}, WasmBytes().i32_const(0));
      const uint32_t callee = module.func({{I}, results}, code);
      // With as many operands below as the interpreter keeps in registers, and one more.
      WasmBytes caller;
      for (int i = 1; i <= 4; ++i) caller.i32_const(i * 100);
      caller.local_get(0).call(callee);
      for (size_t i = 0; i < results.size() + 3; ++i) caller.op(Op::i32_add);
      module.export_("caller", ExternKind::Func, module.func({{I}, {I}}, caller));
      module.export_("f", ExternKind::Func, module.func({{I}, results}, code));
      if (room) module.custom("room to look ahead", WasmBytes());
      World world;
      const Guest guest(world, module);
      EXPECT_EQ(guest.call("f", {5}).results, values) << what;
      EXPECT_EQ(*guest.instance().global_cells[0], 21u) << what;
      uint64_t sum = 1000;
      for (uint64_t value : values) sum += value;
      EXPECT_EQ(guest.call("caller", {5}).results, Slots{sum}) << what;
    }
  }
}

// As C functions put their parameters away.
TEST(Statements, ManyStoresInARow) {
  ModuleBuilder module;
  module.memory({1});
  WasmBytes code;
  for (uint32_t i = 0; i < 9; ++i) code.local_get(0).local_get(1).access(Op::i32_store, 4 * i);
  code.local_get(0).access(Op::i32_load, 32);
  module.export_("f", ExternKind::Func, module.func({{I, I}, {I}}, code));
  World world;
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("f", {16, 7}).results, Slots{7});
  for (uint32_t i = 0; i < 9; ++i) EXPECT_EQ(guest.instance().memory0()->base()[16 + 4 * i], 7);
  EXPECT_EQ(guest.call("f", {65536 - 32, 7}).trap, Trap::out_of_bounds_memory_access);
  const auto& trace = world.execution.trace;
  ASSERT_EQ(trace.size(), 1u);
  EXPECT_EQ(trace[0].module_offset,
            guest.offset_of(WasmBytes().local_get(1).access(Op::i32_store, 32)) + 2);
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
