// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a trap says it happened, for every instruction that can trap, and what fuel is left [D1].
#include <gtest/gtest.h>

#include <algorithm>

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

constexpr ValType I = ValType::i32;

WasmBytes constant(ValType type, int64_t value) {
  switch (type) {
    case ValType::i32: return WasmBytes().i32_const(static_cast<int32_t>(value));
    case ValType::i64: return WasmBytes().i64_const(value);
    case ValType::f32: return WasmBytes().f32_const(static_cast<float>(value));
    default: return WasmBytes().f64_const(static_cast<double>(value));
  }
}

// `operands`, then `instruction`, with three nops before and one after.
struct Case {
  std::string_view what;
  WasmBytes operands, instruction;
  Trap trap;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  auto add = [&](std::string_view what, WasmBytes operands, WasmBytes instruction, Trap trap) {
    all.push_back({what, std::move(operands), std::move(instruction), trap});
  };
  const auto top = static_cast<int32_t>(0xfffffff0);
#define LOAD(code, ident, text, type, memory, feature)                      \
  add(text, WasmBytes().i32_const(top), WasmBytes().access(Op::ident, 200), \
      Trap::out_of_bounds_memory_access);
#define STORE(code, ident, text, type, memory, feature)                    \
  add(text, WasmBytes().i32_const(top).append(constant(ValType::type, 1)), \
      WasmBytes().access(Op::ident, 2), Trap::out_of_bounds_memory_access);
#include "core/wasm/opcodes.def"
  for (Op op : {Op::i32_div_s, Op::i32_div_u, Op::i32_rem_s, Op::i32_rem_u}) {
    add("i32 division", WasmBytes().i32_const(1).i32_const(0), WasmBytes().op(op),
        Trap::integer_divide_by_zero);
  }
  for (Op op : {Op::i64_div_s, Op::i64_div_u, Op::i64_rem_s, Op::i64_rem_u}) {
    add("i64 division", WasmBytes().i64_const(1).i64_const(0), WasmBytes().op(op),
        Trap::integer_divide_by_zero);
  }
  add("i32.div_s", WasmBytes().i32_const(INT32_MIN).i32_const(-1), WasmBytes().op(Op::i32_div_s),
      Trap::integer_overflow);
  for (Op op :
       {Op::i32_trunc_f32_s, Op::i32_trunc_f32_u, Op::i64_trunc_f32_s, Op::i64_trunc_f32_u}) {
    add("trunc", WasmBytes().f32_const(1e30f), WasmBytes().op(op), Trap::integer_overflow);
  }
  for (Op op :
       {Op::i32_trunc_f64_s, Op::i32_trunc_f64_u, Op::i64_trunc_f64_s, Op::i64_trunc_f64_u}) {
    add("trunc", WasmBytes().f64_const(0.0).f64_const(0.0).op(Op::f64_div), WasmBytes().op(op),
        Trap::invalid_conversion_to_integer);
  }
  add("unreachable", {}, WasmBytes().op(Op::unreachable), Trap::unreachable);
  const WasmBytes three = WasmBytes().i32_const(0).i32_const(0).i32_const(70000);
  add("memory.copy", three, WasmBytes().op(Op::memory_copy).u8(0).u8(0),
      Trap::out_of_bounds_memory_access);
  add("memory.fill", three, WasmBytes().op(Op::memory_fill).u8(0),
      Trap::out_of_bounds_memory_access);
  add("memory.init", three, WasmBytes().op(Op::memory_init).u32(0).u8(0),
      Trap::out_of_bounds_memory_access);
  add("table.copy", three, WasmBytes().op(Op::table_copy).u32(0).u32(0),
      Trap::out_of_bounds_table_access);
  add("table.init", three, WasmBytes().op(Op::table_init).u32(0).u32(0),
      Trap::out_of_bounds_table_access);
  WasmBytes null;
  null.op(Op::ref_null).u8(0x70);
  add("table.fill", WasmBytes().i32_const(0).append(null).i32_const(9),
      WasmBytes().op(Op::table_fill).u32(0), Trap::out_of_bounds_table_access);
  add("table.set", WasmBytes().i32_const(9).append(null), WasmBytes().op(Op::table_set).u32(0),
      Trap::out_of_bounds_table_access);
  add("table.get", WasmBytes().i32_const(9), WasmBytes().op(Op::table_get).u32(0),
      Trap::out_of_bounds_table_access);
  add("call_indirect", WasmBytes().i32_const(9), WasmBytes().op(Op::call_indirect).u32(0).u32(0),
      Trap::undefined_element);
  return all;
}

TEST(Traps, TellTheOffsetOfTheInstructionAndOfTheCallsAroundIt) {
  const WasmBytes nops = WasmBytes().op(Op::nop).op(Op::nop).op(Op::nop);
  for (const Case& test : cases()) {
    ModuleBuilder module;
    module.type({});
    module.memory({1});
    module.table({ValType::funcref, {3}});
    module.with_data_count();
    module.passive_data("x");
    WasmBytes body;
    body.append(nops).append(test.operands).append(test.instruction).op(Op::unreachable);
    const uint32_t bad = module.func({}, body);
    module.elem(0, {bad});
    const uint32_t middle = module.func({}, WasmBytes().op(Op::nop).call(bad));
    WasmBytes outer;
    outer.op(Op::nop).op(Op::nop).i32_const(0).op(Op::call_indirect).u32(0).u32(0);
    module.export_("direct", ExternKind::Func, middle);
    module.export_("indirect", ExternKind::Func, module.func({}, outer));
    World world;
    const Guest guest(world, module);
    const uint64_t at = guest.offset_of(nops) + nops.size() + test.operands.size();
    const auto& trace = world.execution.trace;

    EXPECT_EQ(guest.call("direct").trap, test.trap) << test.what;
    ASSERT_EQ(trace.size(), 2u);
    EXPECT_EQ(trace[0].module_offset, at) << test.what;
    EXPECT_EQ(trace[1].module_offset, guest.offset_of(WasmBytes().op(Op::nop).call(bad)) + 1);

    EXPECT_EQ(guest.call("indirect").trap, test.trap) << test.what;
    ASSERT_EQ(trace.size(), 2u);
    EXPECT_EQ(trace[0].module_offset, at) << test.what;
    EXPECT_EQ(trace[1].module_offset, guest.offset_of(outer) + 4);
    EXPECT_EQ(trace[1].func, &guest.func("indirect"));
  }
}

// The interpreter does some runs of instructions at once, of which the last may trap.
TEST(Traps, AtTheEndOfARunDoneAtOnceIsAtItsLastInstruction) {
  const auto room = [] {
    return WasmBytes().op(Op::global_get).u32(0).i32_const(0).op(Op::i32_sub).local_tee(0);
  };
  const struct {
    WasmBytes run;  // with the address in local 0 and in global 0
    Op op;
    bool drops;
  } runs[] = {
      {WasmBytes().local_get(0), Op::i32_load, true},
      {WasmBytes().local_get(0).local_get(0), Op::i32_load, true},
      {WasmBytes().local_get(0).local_get(0), Op::i32_store, false},
      {room().local_get(0), Op::i32_store, false},
  };
  for (const auto& [run, op, drops] : runs) {
    for (uint32_t offset : {4u, 100u, 200u, 20000u}) {
      ModuleBuilder module;
      module.custom("room to look ahead", WasmBytes());
      module.memory({1});
      module.global({I, true}, WasmBytes().i32_const(0));
      WasmBytes code;
      code.local_get(0).op(Op::global_set).u32(0).append(run);
      const size_t before = code.span().size();
      code.access(op, offset);
      if (drops) code.op(Op::drop);
      if (run.span().size() == 4 && drops) code.op(Op::drop);
      module.export_("f", ExternKind::Func, module.func({{I}, {}}, code));
      World world;
      const Guest guest(world, module);
      EXPECT_EQ(guest.call("f", {65536 - 3 - offset}).trap, Trap::out_of_bounds_memory_access);
      ASSERT_EQ(world.execution.trace.size(), 1u);
      EXPECT_EQ(world.execution.trace[0].module_offset, guest.offset_of(code) + before);
      EXPECT_EQ(guest.call("f", {65536 - 4 - offset}).trap, Trap::none);
    }
  }
}

TEST(Traps, ACallWithLongIndicesIsFoundToo) {
  ModuleBuilder module;
  const uint32_t bad = module.func({}, WasmBytes().op(Op::unreachable));
  WasmBytes code;
  code.op(Op::nop).op(Op::call).u8(static_cast<uint8_t>(bad | 0x80)).u8(0x80).u8(0);
  module.export_("f", ExternKind::Func, module.func({}, code));
  World world;
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("f").trap, Trap::unreachable);
  ASSERT_EQ(world.execution.trace.size(), 2u);
  EXPECT_EQ(world.execution.trace[1].module_offset, guest.offset_of(code) + 1);
}

TEST(Traps, AcrossInstancesTheTraceHasOneFrameACall) {
  World world;
  ModuleBuilder inner;
  inner.export_("bad", ExternKind::Func, inner.func({}, WasmBytes().op(Op::unreachable)));
  const Guest first(world, inner);
  world.linker.define_instance("inner", first.instance());
  ModuleBuilder outer;
  const uint32_t bad = outer.import_func("inner", "bad", {});
  const WasmBytes code = WasmBytes().op(Op::nop).call(bad).op(Op::nop);
  outer.export_("f", ExternKind::Func, outer.func({}, code));
  const Guest second(world, outer);
  EXPECT_EQ(second.call("f").trap, Trap::unreachable);
  const auto& trace = world.execution.trace;
  ASSERT_EQ(trace.size(), 2u);
  EXPECT_EQ(trace[0].func, &first.func("bad"));
  EXPECT_EQ(trace[1].func, &second.func("f"));
  EXPECT_EQ(trace[1].module_offset, second.offset_of(code) + 1);
}

TEST(Traps, OfTheStackAndOfFuelOnEntryAreAtTheFirstInstructionOfTheCallee) {
  ModuleBuilder module;
  const WasmBytes code = WasmBytes().op(Op::nop).op(Op::nop).call(0);
  module.export_("f", ExternKind::Func, module.func({}, code));
  World world({.stack_bytes = 4096});
  const Guest guest(world, module);
  const auto& trace = world.execution.trace;
  EXPECT_EQ(guest.call("f").trap, Trap::call_stack_exhausted);
  ASSERT_GT(trace.size(), 2u);
  EXPECT_EQ(trace[0].module_offset, guest.offset_of(code));
  EXPECT_EQ(trace[1].module_offset, guest.offset_of(code) + 2);
  EXPECT_EQ(trace[2].module_offset, guest.offset_of(code) + 2);

  world.execution.fuel = 5;  // one entry costs 3
  EXPECT_EQ(guest.call("f").trap, Trap::fuel_exhausted);
  EXPECT_EQ(world.execution.fuel, -1);
  ASSERT_EQ(trace.size(), 2u);
  EXPECT_EQ(trace[0].module_offset, guest.offset_of(code));
  EXPECT_EQ(trace[1].module_offset, guest.offset_of(code) + 2);
}

// Counts down from its argument, with 7 instructions in each round and 2 before.
WasmBytes countdown(const WasmBytes& block_type) {
  WasmBytes code;
  code.op(Op::nop).op(Op::loop).append(block_type);
  code.local_get(0).i32_const(1).op(Op::i32_sub).local_tee(0).i32_const(0);
  code.op(Op::i32_ne).br_if(0).end();
  return code;
}

class Fuel : public ::testing::Test {
 protected:
  static constexpr int64_t kEntry = 2, kRound = 7;
  static ModuleBuilder module(const WasmBytes& block_type = {0x40}) {
    ModuleBuilder module;
    module.type({{I}, {}});
    module.type({});
    module.export_("f", ExternKind::Func, module.func({{I}, {}}, countdown(block_type)));
    return module;
  }
  // What a run with plenty of it takes.
  static int64_t cost(World& world, const Guest& guest, uint64_t rounds) {
    world.execution.fuel = 1'000'000;
    EXPECT_EQ(guest.call("f", {rounds}).trap, Trap::none);
    return 1'000'000 - world.execution.fuel;
  }
};

TEST_F(Fuel, EachRoundCostsTheSame) {
  World world;
  const Guest guest(world, module());
  const int64_t one = cost(world, guest, 1);
  const int64_t round = cost(world, guest, 2) - one;
  EXPECT_EQ(round, kRound);
  EXPECT_EQ(one, kEntry + kRound);
  EXPECT_EQ(cost(world, guest, 1000), one + 999 * round);
}

TEST_F(Fuel, ExactlyEnoughIsEnoughAndOneLessIsNot) {
  // The type [] -> [] by its index too, in four bytes.
  for (const WasmBytes& type : {WasmBytes{0x40}, WasmBytes{0x81, 0x80, 0x80, 0x00}}) {
    World world;
    const Guest guest(world, module(type));
    const uint64_t loop = guest.offset_of(countdown(type)) + 1;
    for (int64_t rounds : {1, 2, 50}) {
      world.execution.fuel = kEntry + rounds * kRound;
      EXPECT_EQ(guest.call("f", {static_cast<uint64_t>(rounds)}).trap, Trap::none);
      EXPECT_EQ(world.execution.fuel, 0);
      world.execution.fuel = kEntry + rounds * kRound - 1;
      EXPECT_EQ(guest.call("f", {static_cast<uint64_t>(rounds)}).trap, Trap::fuel_exhausted);
      EXPECT_EQ(world.execution.fuel, -1);
      ASSERT_EQ(world.execution.trace.size(), 1u);
      EXPECT_EQ(world.execution.trace[0].module_offset, loop) << "first and later rounds alike";
    }
  }
}

TEST_F(Fuel, NothingOfAFunctionRunsThatCannotBePaid) {
  ModuleBuilder module;
  module.memory({1});
  WasmBytes code;
  code.i32_const(0).i32_const(1).access(Op::i32_store);
  module.export_("f", ExternKind::Func, module.func({{I}, {}}, code));
  World world;
  const Guest guest(world, module);
  world.execution.fuel = 2;
  EXPECT_EQ(guest.call("f", {0}).trap, Trap::fuel_exhausted);
  EXPECT_EQ(guest.instance().memory0()->base()[0], 0);
  world.execution.fuel = 3;
  EXPECT_EQ(guest.call("f", {0}).trap, Trap::none);
  EXPECT_EQ(guest.instance().memory0()->base()[0], 1);
}

TEST_F(Fuel, TheHostSeesWhatIsLeftAndMayTakeOfIt) {
  World world;
  int64_t seen = 0;
  struct Env {
    World* world;
    int64_t* seen;
  } env{&world, &seen};
  world.linker.define_func(
      "host", "take", {{}, {}},
      [](void* data, runtime::HostCall&, const uint64_t*, uint64_t*) {
        auto& self = *static_cast<Env*>(data);
        *self.seen = self.world->execution.fuel;
        self.world->execution.fuel -= 10;
        return Trap::none;
      },
      &env);
  ModuleBuilder module;
  const uint32_t take = module.import_func("host", "take", {});
  module.export_("f", ExternKind::Func, module.func({}, WasmBytes().call(take).op(Op::nop)));
  const Guest guest(world, module);
  world.execution.fuel = 100;
  EXPECT_EQ(guest.call("f").trap, Trap::none);
  EXPECT_EQ(seen, 98);
  EXPECT_EQ(world.execution.fuel, 88);
}

TEST_F(Fuel, BulkInstructionsPayForTheirSize) {
  ModuleBuilder module;
  module.memory({2});
  WasmBytes code;
  code.i32_const(0).i32_const(1).local_get(0).op(Op::memory_fill).u8(0);
  module.export_("f", ExternKind::Func, module.func({{I}, {}}, code));
  World world;
  const Guest guest(world, module);
  EXPECT_EQ(cost(world, guest, 65536) - cost(world, guest, 0), 65536 / 64);
}

}  // namespace
}  // namespace cordon::interp
