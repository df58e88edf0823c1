// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls: arguments, results and locals; through tables, into other instances and to the host and
// back; and the end of the stack in each of these ways [S1].
#include <gtest/gtest.h>

#include "core/interp/interpreter.h"
#include "tests/kit/world.h"

namespace cordon::interp {
namespace {

using testing::Guest;
using testing::ModuleBuilder;
using testing::Returned;
using testing::WasmBytes;
using testing::World;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;
using Slots = std::vector<uint64_t>;

constexpr ValType I = ValType::i32;
constexpr ValType L = ValType::i64;

TEST(Calls, RecursionComputes) {
  ModuleBuilder module;
  WasmBytes fib;
  fib.local_get(0).i32_const(2).op(Op::i32_lt_u).block(Op::if_, I).local_get(0).op(Op::else_);
  fib.local_get(0).i32_const(1).op(Op::i32_sub).call(0);
  fib.local_get(0).i32_const(2).op(Op::i32_sub).call(0).op(Op::i32_add).end();
  module.export_("fib", ExternKind::Func, module.func({{I}, {I}}, fib));
  World world;
  EXPECT_EQ(Guest(world, module).call("fib", {20}).results, Slots{6765});
}

TEST(Calls, DeclaredLocalsAreZeroWhateverLayThere) {
  for (uint32_t count : {1u, 2u, 3u, 8u, 15u}) {
    ModuleBuilder module;
    WasmBytes dirty;
    for (int i = 0; i < 40; ++i) dirty.i32_const(-1);
    for (int i = 0; i < 40; ++i) dirty.op(Op::drop);
    const uint32_t soil = module.func({}, dirty);
    WasmBytes sum;
    sum.local_get(0);
    for (uint32_t i = 1; i <= count; ++i) sum.local_get(i).op(Op::i64_or);
    const uint32_t clean = module.func({{L}, {L}}, sum, {{count, L}});
    module.export_("f", ExternKind::Func,
                   module.func({{L}, {L}}, WasmBytes().call(soil).local_get(0).call(clean)));
    World world;
    EXPECT_EQ(Guest(world, module).call("f", {4}).results, Slots{4}) << count;
  }
}

TEST(Calls, ACallLeavesTheOperandsUnderItsArguments) {
  ModuleBuilder module;
  const uint32_t three = module.func({{I, I}, {I, I, I}},
                                     WasmBytes().local_get(1).local_get(0).local_get(1), {{3, I}});
  WasmBytes code;
  code.i32_const(1000).i32_const(200).i32_const(3).i32_const(4).call(three);
  for (int i = 0; i < 4; ++i) code.op(Op::i32_add);
  module.export_("f", ExternKind::Func, module.func({{}, {I}}, code));
  World world;
  EXPECT_EQ(Guest(world, module).call("f").results, Slots{1000 + 200 + 4 + 3 + 4});
}

class Indirect : public ::testing::Test {
 protected:
  static ModuleBuilder module() {
    ModuleBuilder module;
    const uint32_t unary = module.type({{I}, {I}});
    module.table({ValType::funcref, {5}});
    const uint32_t inc =
        module.func({{I}, {I}}, WasmBytes().local_get(0).i32_const(1).op(Op::i32_add));
    const uint32_t wide = module.func({{L}, {I}}, WasmBytes().i32_const(7));
    module.elem(1, {inc, wide});
    WasmBytes code;
    code.local_get(0).local_get(1).op(Op::call_indirect).u32(unary).u32(0);
    module.export_("f", ExternKind::Func, module.func({{I, I}, {I}}, code));
    return module;
  }
};

TEST_F(Indirect, CallsWhatTheTableHolds) {
  World world;
  EXPECT_EQ(Guest(world, module()).call("f", {41, 1}).results, Slots{42});
}

TEST_F(Indirect, RefusesAnotherTypeAnEmptyElementAndAnIndexBeyondTheTable) {
  World world;
  const Guest guest(world, module());
  EXPECT_EQ(guest.call("f", {41, 2}).trap, Trap::indirect_call_type_mismatch);
  EXPECT_EQ(guest.call("f", {41, 0}).trap, Trap::uninitialized_element);
  EXPECT_EQ(guest.call("f", {41, 5}).trap, Trap::undefined_element);
  EXPECT_EQ(guest.call("f", {41, 0x80000000}).trap, Trap::undefined_element);
  EXPECT_EQ(guest.call("f", {41, 0xffffffff}).trap, Trap::undefined_element);
}

// Two instances, each with a memory and a global of its own; the second calls the first.
class TwoInstances : public ::testing::Test {
 protected:
  static ModuleBuilder inner() {
    ModuleBuilder module;
    module.memory({1, 4, true});
    module.global({I, true}, WasmBytes().i32_const(5));
    WasmBytes code;
    code.local_get(0).i32_const(11).access(Op::i32_store);
    code.op(Op::global_get).u32(0).local_get(0).op(Op::i32_add);
    module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code));
    WasmBytes grow;
    grow.i32_const(1).op(Op::memory_grow).u8(0);
    module.export_("grow", ExternKind::Func, module.func({{}, {I}}, grow));
    module.export_("memory", ExternKind::Memory, 0);
    return module;
  }
};

TEST_F(TwoInstances, EachSeesItsOwnMemoryAndGlobals) {
  World world;
  const Guest first(world, inner());
  world.linker.define_instance("inner", first.instance());
  ModuleBuilder outer;
  const uint32_t f = outer.import_func("inner", "f", {{I}, {I}});
  outer.memory({1});
  outer.global({I, true}, WasmBytes().i32_const(100));
  WasmBytes code;
  code.i32_const(4000).local_get(0).call(f).op(Op::i32_add);
  code.op(Op::global_get).u32(0).op(Op::i32_add).local_get(0).access(Op::i32_load).op(Op::i32_add);
  outer.export_("g", ExternKind::Func, outer.func({{I}, {I}}, code));
  const Guest second(world, outer);
  EXPECT_EQ(second.call("g", {16}).results, Slots{4000 + 5 + 16 + 100 + 0});
  EXPECT_EQ(first.instance().memory0()->base()[16], 11);
  EXPECT_EQ(second.instance().memory0()->base()[16], 0);
}

TEST_F(TwoInstances, ACallerSeesItsMemoryGrownByTheOther) {
  World world;
  const Guest first(world, inner());
  world.linker.define_instance("inner", first.instance());
  ModuleBuilder outer;
  const uint32_t grow = outer.import_func("inner", "grow", {{}, {I}});
  outer.import_memory("inner", "memory", {1});
  WasmBytes code;
  code.call(grow).i32_const(65536).access(Op::i32_load).op(Op::i32_add);
  outer.export_("g", ExternKind::Func, outer.func({{}, {I}}, code));
  EXPECT_EQ(Guest(world, outer).call("g").results, Slots{1});
}

// The host's side: calls what `env` names.
struct CallsBack {
  World* world;
  runtime::Func* target = nullptr;
  unsigned depth = 0, deepest = 0;

  static Trap enter(void* env, runtime::HostCall&, const uint64_t* args, uint64_t* results) {
    auto& self = *static_cast<CallsBack*>(env);
    self.deepest = std::max(self.deepest, ++self.depth);
    const uint64_t arg = args[0] + 1;
    const Trap trap = invoke(self.world->execution, *self.target, &arg, results);
    --self.depth;
    return trap;
  }
};

ModuleBuilder calling_host(std::string_view host, const WasmBytes& code) {
  ModuleBuilder module;
  module.import_func("host", host, {{I}, {I}});
  module.memory({1, 8, true});
  module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code, {{5, I}}));
  module.export_("g", ExternKind::Func,
                 module.func({{I}, {I}}, WasmBytes().local_get(0).i32_const(100).op(Op::i32_mul)));
  return module;
}

TEST(Host, IsCalledAndCallsBackAboveTheFramesThatAreThere) {
  World world;
  CallsBack env{&world};
  world.linker.define_func("host", "back", {{I}, {I}}, &CallsBack::enter, &env);
  WasmBytes code;
  code.i32_const(7).local_get(0).call(0).op(Op::i32_add).local_get(0).op(Op::i32_add);
  const Guest guest(world, calling_host("back", code));
  env.target = &guest.func("g");
  uint64_t* const top = world.execution.stack_top;
  EXPECT_EQ(guest.call("f", {3}).results, Slots{7 + 400 + 3});
  EXPECT_EQ(world.execution.stack_top, top);
  EXPECT_EQ(world.execution.nesting, 0u);
}

TEST(Host, IsCalledByTheEmbedderDirectly) {
  World world;
  runtime::Func* func = world.store.add_host_func(
      {{I}, {I}},
      [](void*, runtime::HostCall& call, const uint64_t* args, uint64_t* results) {
        EXPECT_EQ(call.caller, nullptr);
        results[0] = args[0] * 2;
        return Trap::none;
      },
      nullptr);
  uint64_t arg = 21, result = 0;
  EXPECT_EQ(invoke(world.execution, *func, &arg, &result), Trap::none);
  EXPECT_EQ(result, 42u);
}

TEST(Host, EndsTheRunWithoutABacktraceOrFailsWithOne) {
  World world;
  Trap gives = Trap::host_exit;
  world.linker.define_func(
      "host", "end", {{I}, {I}},
      [](void* env, runtime::HostCall&, const uint64_t*, uint64_t*) {
        return *static_cast<Trap*>(env);
      },
      &gives);
  const WasmBytes code = WasmBytes().local_get(0).call(0);
  const Guest guest(world, calling_host("end", code));
  EXPECT_EQ(guest.call("f", {3}).trap, Trap::host_exit);
  EXPECT_TRUE(world.execution.trace.empty());
  gives = Trap::host_failure;
  EXPECT_EQ(guest.call("f", {3}).trap, Trap::host_failure);
  ASSERT_EQ(world.execution.trace.size(), 1u);
  EXPECT_EQ(world.execution.trace[0].module_offset, guest.offset_of({0x10, 0x00, 0x0b}));
}

TEST(Host, MayGrowTheCallersMemory) {
  World world;
  world.linker.define_func(
      "host", "grow", {{I}, {I}},
      [](void*, runtime::HostCall& call, const uint64_t*, uint64_t* results) {
        results[0] = static_cast<uint32_t>(call.memory->grow(1));
        return Trap::none;
      },
      nullptr);
  WasmBytes code;
  code.local_get(0).call(0).i32_const(65536).access(Op::i32_load8_u).op(Op::i32_add);
  EXPECT_EQ(Guest(world, calling_host("grow", code)).call("f", {0}).results, Slots{1});
}

TEST(Host, AGuestsTrapPassesThroughItWithTheFramesOfBothRuns) {
  World world;
  CallsBack env{&world};
  world.linker.define_func("host", "back", {{I}, {I}}, &CallsBack::enter, &env);
  ModuleBuilder module;
  module.import_func("host", "back", {{I}, {I}});
  const uint32_t bad = module.func({{I}, {I}}, WasmBytes().op(Op::unreachable));
  module.export_("bad", ExternKind::Func, bad);
  module.export_("f", ExternKind::Func, module.func({{I}, {I}}, WasmBytes().local_get(0).call(0)));
  const Guest guest(world, module);
  env.target = &guest.func("bad");
  EXPECT_EQ(guest.call("f", {1}).trap, Trap::unreachable);
  const auto& trace = world.execution.trace;
  ASSERT_EQ(trace.size(), 2u);
  EXPECT_EQ(trace[0].func, &guest.func("bad"));
  EXPECT_EQ(trace[1].func, &guest.func("f"));
}

// Every way of never returning ends with the same trap, and the stack is whole afterwards.
class Exhaustion : public ::testing::Test {
 protected:
  void expect_exhausted(const Guest& guest, World& world) {
    for (int round = 0; round < 3; ++round) {
      EXPECT_EQ(guest.call("f", {0}).trap, Trap::call_stack_exhausted);  // [S1]
      EXPECT_EQ(world.execution.stack_top, world.execution.stack_base);
      EXPECT_EQ(world.execution.trace.size(), runtime::Execution::kMaxTrace);
    }
  }
};

TEST_F(Exhaustion, OfAFunctionThatCallsItself) {
  for (uint32_t locals : {0u, 1u, 2u, 1000u, 40000u}) {
    for (uint32_t params : {1u, 2u}) {
      ModuleBuilder module;
      WasmBytes code;
      for (uint32_t i = 0; i < params; ++i) code.local_get(0);
      wasm::FuncType type{std::vector<ValType>(params, I), {I}};
      const uint32_t self = module.func(type, code.call(0), {{locals, L}});
      module.export_("self", ExternKind::Func, self);
      WasmBytes start;
      for (uint32_t i = 0; i < params; ++i) start.local_get(0);
      module.export_("f", ExternKind::Func, module.func({{I}, {I}}, start.call(self)));
      World world({.stack_bytes = locals == 40000 ? uint64_t{32} << 20 : uint64_t{1} << 20});
      expect_exhausted(Guest(world, module), world);
    }
  }
}

TEST_F(Exhaustion, OfTwoThroughATable) {
  ModuleBuilder module;
  const uint32_t type = module.type({{I}, {I}});
  module.table({ValType::funcref, {2}});
  WasmBytes ping, pong;
  ping.local_get(0).i32_const(1).op(Op::call_indirect).u32(type).u32(0);
  pong.local_get(0).i32_const(0).op(Op::call_indirect).u32(type).u32(0);
  const uint32_t first = module.func({{I}, {I}}, ping);
  module.elem(0, {first, module.func({{I}, {I}}, pong, {{3, I}})});
  module.export_("f", ExternKind::Func, first);
  World world;
  expect_exhausted(Guest(world, module), world);
}

TEST_F(Exhaustion, OfTwoInstances) {
  World world;
  ModuleBuilder owner;
  const uint32_t type = owner.type({{I}, {I}});
  owner.table({ValType::funcref, {1}});
  owner.export_("table", ExternKind::Table, 0);
  WasmBytes through;
  through.local_get(0).i32_const(0).op(Op::call_indirect).u32(type).u32(0);
  owner.export_("f", ExternKind::Func, owner.func({{I}, {I}}, through));
  const Guest first(world, owner);
  world.linker.define_instance("owner", first.instance());
  ModuleBuilder other;
  const uint32_t f = other.import_func("owner", "f", {{I}, {I}});
  other.import_table("owner", "table", {ValType::funcref, {1}});
  other.elem(0, {other.func({{I}, {I}}, WasmBytes().local_get(0).call(f))});
  const Guest second(world, other);
  expect_exhausted(first, world);
}

TEST_F(Exhaustion, ThroughTheHostBeforeTheHostsOwnStackEnds) {
  World world({.stack_bytes = uint64_t{64} << 20});
  CallsBack env{&world};
  world.linker.define_func("host", "back", {{I}, {I}}, &CallsBack::enter, &env);
  const Guest guest(world, calling_host("back", WasmBytes().local_get(0).call(0)));
  env.target = &guest.func("f");
  expect_exhausted(guest, world);
  EXPECT_EQ(env.deepest, runtime::Execution::kMaxNesting);
}

TEST_F(Exhaustion, OfAFrameThatIsLargerThanTheStack) {
  ModuleBuilder module;
  module.export_("f", ExternKind::Func,
                 module.func({{I}, {I}}, WasmBytes().local_get(0), {{40000, L}}));
  World world({.stack_bytes = 40001 * 8});  // and a return address
  EXPECT_EQ(Guest(world, module).call("f", {0}).trap, Trap::call_stack_exhausted);
  World larger({.stack_bytes = 40003 * 8});  // the parameter and an operand
  EXPECT_EQ(Guest(larger, module).call("f", {3}).results, Slots{3});
}

// Whatever its size, a stack is enough or too small, and never more than used up.
TEST_F(Exhaustion, AtEverySizeOfASmallStack) {
  ModuleBuilder module;
  WasmBytes code;
  code.local_get(0).block(Op::if_).local_get(0).i32_const(1).op(Op::i32_sub).call(0);
  code.local_set(0).end().i32_const(1).i32_const(2).i32_const(3).op(Op::i32_add).op(Op::i32_add);
  module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code, {{3, I}}));
  unsigned enough = 0;
  for (uint64_t bytes = 8; bytes <= 1024; bytes += 8) {
    World world({.stack_bytes = bytes});
    const Guest guest(world, module);
    const Returned back = guest.call("f", {4});
    EXPECT_TRUE(back.trap == Trap::call_stack_exhausted || back.results == Slots{6}) << bytes;
    enough += back.trap == Trap::none;
  }
  EXPECT_GT(enough, 10u);
  EXPECT_LT(enough, 100u);
}

}  // namespace
}  // namespace cordon::interp
