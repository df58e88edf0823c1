// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exceptions, by each engine and by both together: through frames, instances and the host; the
// operands that a handler finds; references of exceptions and their end; limits; and exceptions
// that nothing catches.
#include <gtest/gtest.h>

#include "core/engine/invoke.h"
#include "core/engine/trap_report.h"
#include "core/wasm/limits.h"
#include "tests/kit/compiling_world.h"
#include "tests/kit/engines.h"

namespace cordon {
namespace {

using engine::Value;
using testing::Guest;
using testing::ModuleBuilder;
using testing::Returned;
using testing::WasmBytes;

using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;
using Slots = std::vector<uint64_t>;
using World = testing::CompilingWorld;

constexpr ValType I = ValType::i32;
constexpr ValType L = ValType::i64;
constexpr uint8_t kCatch = 0, kCatchAll = 2, kCatchAllRef = 3;

WasmBytes throw_(uint32_t tag) { return WasmBytes().op(Op::throw_).u32(tag); }
// A try_table without results; `clauses` has their count in front.
WasmBytes try_table(const WasmBytes& clauses, const WasmBytes& body) {
  return WasmBytes().op(Op::try_table).u8(0x40).append(clauses).append(body).end();
}
// A block of `type` around one that catches `tag` into its label, or else gives -1.
WasmBytes caught(uint32_t tag, const WasmBytes& body) {
  return WasmBytes()
      .block(Op::block, I)
      .append(try_table(WasmBytes{1, kCatch}.u32(tag).u32(0), body))
      .i32_const(-1)
      .end();
}

class Exceptions : public ::testing::TestWithParam<testing::EngineRow> {
 protected:
  // By the engine of the test.
  static engine::Config by_engine(int64_t fuel = runtime::Execution::kUnlimitedFuel) {
    return {.engine = GetParam().engine, .fuel = fuel};
  }
};
class LegacyExceptions : public Exceptions {};
std::string name_of(const ::testing::TestParamInfo<testing::EngineRow>& row) {
  return std::string(row.param.name);
}
INSTANTIATE_TEST_SUITE_P(Engines, Exceptions, ::testing::ValuesIn(testing::kEngines), name_of);
INSTANTIATE_TEST_SUITE_P(Engines, LegacyExceptions, ::testing::ValuesIn(testing::kEngines),
                         name_of);

TEST_P(Exceptions, CrossFramesThatDoNotCatchThem) {
  ModuleBuilder module;
  const uint32_t wanted = module.tag({{I}, {}}), other = module.tag({{I}, {}});
  uint32_t callee = module.func({{I}, {}}, WasmBytes().local_get(0).append(throw_(wanted)));
  // Each has spilled operands and locals, and a handler for something else.
  for (int i = 0; i < 3; ++i) {
    WasmBytes code;
    code.i64_const(-5).i64_const(-6);
    code.append(caught(other, WasmBytes().local_get(0).call(callee))).op(Op::drop);
    code.op(Op::drop).op(Op::drop);
    callee = module.func({{I}, {}}, code, {{9, L}});
  }
  WasmBytes code;
  code.i32_const(1000).append(
      caught(wanted, WasmBytes().i64_const(3).local_get(0).call(callee).op(Op::drop)));
  module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code.op(Op::i32_add)));
  World world(by_engine());
  EXPECT_EQ(Guest(world, module).call("f", {7}).results, Slots{1007});
  EXPECT_EQ(world.store.living_exceptions(), 0u);
}

// A handler entered with stale operands: those of the block are gone, those around it are not, with
// any number of them in registers.
TEST_P(Exceptions, AHandlerHasTheOperandsOfItsLabelAndNoOthers) {
  for (int beneath = 0; beneath < 6; ++beneath) {
    for (int within = 0; within < 6; ++within) {
      ModuleBuilder module;
      const uint32_t tag = module.tag({{I, I}, {}});
      const uint32_t pair = module.type({{}, {I, I}});
      WasmBytes code, body;
      for (int i = 0; i < beneath; ++i) code.i32_const(1 << i);
      for (int i = 0; i < within; ++i) body.i32_const(-1);
      body.i32_const(1000).i32_const(2000).append(throw_(tag));
      code.block_of_type(Op::block, pair);
      code.append(try_table(WasmBytes{1, kCatch}.u32(tag).u32(0), body)).op(Op::unreachable).end();
      for (int i = 0; i < beneath + 1; ++i) code.op(Op::i32_add);
      module.export_("f", ExternKind::Func, module.func({{}, {I}}, code));
      World world(by_engine());
      const auto sum = static_cast<uint64_t>(3000 + (1 << beneath) - 1);
      EXPECT_EQ(Guest(world, module).call("f").results, Slots{sum}) << beneath << ' ' << within;
    }
  }
}

TEST_P(Exceptions, TheInnermostClauseThatFitsCatchesInItsOrder) {
  ModuleBuilder module;
  const uint32_t a = module.tag({}), b = module.tag({});
  // 1: caught as a, 2: as b, 3: by the outer block.
  WasmBytes choose, code;
  choose.local_get(0).block(Op::if_).append(throw_(b)).end().append(throw_(a));
  const uint32_t thrower = module.func({{I}, {}}, choose);
  code.block(Op::block).block(Op::block).block(Op::block);
  code.append(try_table(WasmBytes{1, kCatchAll, 2},
                        try_table(WasmBytes{2, kCatch}.u32(a).u32(1).u8(kCatch).u32(b).u32(2),
                                  WasmBytes().local_get(0).call(thrower))));
  code.op(Op::unreachable).end().i32_const(1).op(Op::return_).end();
  code.i32_const(2).op(Op::return_).end().i32_const(3);
  module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code));
  World world(by_engine());
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("f", {0}).results, Slots{1});
  EXPECT_EQ(guest.call("f", {1}).results, Slots{2});
}

// A clause may lead back to a loop: a round costs what any round does, and it may run for ever.
TEST_P(Exceptions, AClauseThatLeadsToALoopChargesItsRounds) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({});
  WasmBytes code;
  code.block(Op::loop).local_get(0).i32_const(1).op(Op::i32_sub).local_tee(0).block(Op::if_);
  code.append(try_table(WasmBytes{1, kCatch}.u32(tag).u32(1), throw_(tag))).end().end();
  module.export_("f", ExternKind::Func,
                 module.func({{I}, {I}}, code.local_get(0).i32_const(9).op(Op::i32_add)));
  World world(by_engine(1'000'000));
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("f", {1000}).results, Slots{9});
  EXPECT_EQ(world.store.living_exceptions(), 0u);
  EXPECT_EQ(guest.call("f", {0}).trap, Trap::fuel_exhausted);
}

// Inner throws its own tag; outer imports function and tag, and catches.
struct Two {
  // Each by the engine that is said.
  Two(World& world, engine::Engine thrower, engine::Engine catcher) {
    world.config.engine = thrower;
    ModuleBuilder inner;
    inner.memory({1});
    const uint32_t tag = inner.tag({{I}, {}});
    inner.export_("tag", ExternKind::Tag, tag);
    inner.export_("throw", ExternKind::Func,
                  inner.func({{I}, {}}, WasmBytes().local_get(0).append(throw_(tag))));
    first.emplace(world, inner);
    world.linker.define_instance("inner", first->instance());
    world.config.engine = catcher;
    ModuleBuilder outer;
    const uint32_t func = outer.import_func("inner", "throw", {{I}, {}});
    const uint32_t imported = outer.import_tag("inner", "tag", {{I}, {}});
    const uint32_t same_type = outer.tag({{I}, {}});
    outer.memory({2});
    outer.global({I, true}, WasmBytes().i32_const(30));
    WasmBytes code;
    code.append(caught(imported, WasmBytes().local_get(0).call(func)));
    code.op(Op::global_get).u32(0).op(Op::i32_add).op(Op::memory_size).u8(0).op(Op::i32_add);
    outer.export_("f", ExternKind::Func, outer.func({{I}, {I}}, code));
    outer.export_("other", ExternKind::Func,
                  outer.func({{I}, {I}}, caught(same_type, WasmBytes().local_get(0).call(func))));
    second.emplace(world, outer);
  }
  std::optional<Guest> first, second;
};

// Each pair of engines for the instance that throws and the one that catches.
TEST(ExceptionsOfTwo, CrossInstancesAndAreToldApartByTheirTag) {
  for (const testing::EngineRow& thrower : testing::kEngines) {
    for (const testing::EngineRow& catcher : testing::kEngines) {
      SCOPED_TRACE(std::string(thrower.name) + " throws, " + std::string(catcher.name));
      World world;
      const Two two(world, thrower.engine, catcher.engine);
      EXPECT_EQ(two.second->call("f", {100}).results, Slots{132});
      EXPECT_EQ(world.store.living_exceptions(), 0u);
      EXPECT_EQ(two.second->call("other", {100}).trap, Trap::uncaught_exception);
      EXPECT_EQ(world.execution.trace.size(), 2u);
      EXPECT_EQ(engine::make_trap_report(Trap::uncaught_exception, world.execution).text,
                "uncaught exception of tag 0 \"tag\"");
    }
  }
}

TEST_P(Exceptions, ATagOfAnotherTypeDoesNotLink) {
  World world(by_engine());
  const Two two(world, GetParam().engine, GetParam().engine);
  ModuleBuilder module;
  module.import_tag("inner", "tag", {{L}, {}});
  const auto made = world.try_instantiate(module);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message(),
            "incompatible import type \"inner\" \"tag\": expected tag [i64], found tag [i32]");
}

struct CallsBack {
  World* world;
  runtime::Func* target = nullptr;
  static Trap enter(void* env, runtime::HostCall&, const uint64_t* args, uint64_t*) {
    auto& self = *static_cast<CallsBack*>(env);
    const Value argument = Value::i32(static_cast<int32_t>(args[0]));
    return testing::must(engine::invoke(self.world->execution, *self.target, {&argument, 1})).trap;
  }
};

struct Thrower {
  uint32_t back, tag;
};
// An import `back` that enters `env`, and an export "throw" of what throws its parameter.
Thrower with_thrower(ModuleBuilder& module, CallsBack& env) {
  env.world->linker.define_func("host", "back", {{I}, {}}, &CallsBack::enter, &env);
  const uint32_t back = module.import_func("host", "back", {{I}, {}});
  const uint32_t tag = module.tag({{I}, {}});
  module.export_("throw", ExternKind::Func,
                 module.func({{I}, {}}, WasmBytes().local_get(0).append(throw_(tag))));
  return {back, tag};
}

// A host function that a guest calls and that calls a guest passes on what that throws.
TEST_P(Exceptions, CrossTheHost) {
  World world(by_engine());
  CallsBack env{&world};
  ModuleBuilder module;
  const auto [back, tag] = with_thrower(module, env);
  module.export_("f", ExternKind::Func,
                 module.func({{I}, {I}}, caught(tag, WasmBytes().local_get(0).call(back))));
  const Guest guest(world, module);
  env.target = &guest.func("throw");
  EXPECT_EQ(guest.call("f", {77}).results, Slots{77});
  EXPECT_TRUE(world.execution.trace.empty());
  EXPECT_EQ(world.store.living_exceptions(), 0u);
}

TEST_P(Exceptions, ATailCallHasLeftTheBlockThatWouldCatch) {
  World world(by_engine());
  CallsBack env{&world};
  ModuleBuilder module;
  const auto [back, tag] = with_thrower(module, env);
  module.export_(
      "tail", ExternKind::Func,
      module.func({{I}, {}}, try_table(WasmBytes{1, kCatchAll, 0},
                                       WasmBytes().local_get(0).op(Op::return_call).u32(back))));
  const Guest guest(world, module);
  env.target = &guest.func("throw");
  EXPECT_EQ(guest.call("tail", {77}).trap, Trap::uncaught_exception);
}

TEST_P(Exceptions, TrapsAreNotCaught) {
  ModuleBuilder module;
  module.export_(
      "f", ExternKind::Func,
      module.func({}, try_table(WasmBytes{1, kCatchAll, 0}, WasmBytes().op(Op::unreachable))));
  World world(by_engine());
  EXPECT_EQ(Guest(world, module).call("f").trap, Trap::unreachable);
}

// Keeps what it catches in a global, and throws it again.
TEST_P(Exceptions, AReferenceKeepsAnExceptionUntilNothingLeadsToIt) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({{I}, {}});
  const uint32_t kept =
      module.global({ValType::exnref, true}, WasmBytes().op(Op::ref_null).type(ValType::exnref));
  WasmBytes keep, again, many;
  keep.block(Op::block, ValType::exnref);
  keep.append(
      try_table(WasmBytes{1, kCatchAllRef, 0}, WasmBytes().local_get(0).append(throw_(tag))));
  keep.op(Op::unreachable).end().op(Op::global_set).u32(kept);
  const uint32_t keeper = module.func({{I}, {}}, keep);
  module.export_("keep", ExternKind::Func, keeper);
  again.append(caught(tag, WasmBytes().op(Op::global_get).u32(kept).op(Op::throw_ref)));
  module.export_("again", ExternKind::Func, module.func({{}, {I}}, again));
  many.block(Op::loop).local_get(0).call(keeper).local_get(0).i32_const(1).op(Op::i32_sub);
  many.local_tee(0).br_if(0).end();
  module.export_("many", ExternKind::Func, module.func({{I}, {}}, many));
  World world(by_engine());
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("again").trap, Trap::null_exception);
  EXPECT_EQ(guest.call("keep", {5}).trap, Trap::none);
  EXPECT_EQ(guest.call("again").results, Slots{5});
  EXPECT_EQ(guest.call("again").results, Slots{5});
  EXPECT_EQ(world.store.living_exceptions(), 1u);
  EXPECT_EQ(guest.call("many", {100'000}).trap, Trap::none);
  EXPECT_LE(world.store.living_exceptions(), 5000u);
  EXPECT_EQ(guest.call("again").results, Slots{1});
}

// A reference in a local of a frame keeps its exception while others come and go, a million of
// them.
TEST_P(Exceptions, AReferenceInAFrameKeepsItsException) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({{I}, {}});
  const auto throws = [&](const WasmBytes& payload) {
    WasmBytes code;
    code.block(Op::block, ValType::exnref);
    code.append(try_table(WasmBytes{1, kCatchAllRef, 0}, WasmBytes(payload).append(throw_(tag))));
    return code.op(Op::unreachable).end();
  };
  WasmBytes code;
  code.append(throws(WasmBytes().i32_const(42)))
      .local_set(1)
      .append(throws(WasmBytes().i32_const(8)));
  code.block(Op::loop).append(throws(WasmBytes().local_get(0))).local_set(2);
  code.local_get(0).i32_const(1).op(Op::i32_sub).local_tee(0).br_if(0).end();
  code.local_set(2).append(caught(tag, WasmBytes().local_get(1).op(Op::throw_ref)));
  code.append(caught(tag, WasmBytes().local_get(2).op(Op::throw_ref))).op(Op::i32_add);
  module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code, {{2, ValType::exnref}}));
  World world(by_engine());
  EXPECT_EQ(Guest(world, module).call("f", {1'000'000}).results, Slots{50});
  EXPECT_LE(world.store.living_exceptions(), 8192u);
}

// [L1] A chain of exceptions, each the payload of the next, in a global: all of them live.
TEST_P(Exceptions, ThoseThatLiveHaveALimit) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({{ValType::exnref}, {}});
  const uint32_t last =
      module.global({ValType::exnref, true}, WasmBytes().op(Op::ref_null).type(ValType::exnref));
  WasmBytes code;
  code.block(Op::loop).block(Op::block, ValType::exnref);
  code.append(try_table(WasmBytes{1, kCatchAllRef, 0},
                        WasmBytes().op(Op::global_get).u32(last).append(throw_(tag))));
  code.op(Op::unreachable).end().op(Op::global_set).u32(last).br(0).end();
  module.export_("f", ExternKind::Func, module.func({}, code));
  engine::Config config = by_engine();
  config.store.max_exception_bytes = uint64_t{4} << 20;
  World world(config);
  EXPECT_EQ(Guest(world, module).call("f").trap, Trap::exception_limit);
  EXPECT_GT(world.store.living_exceptions(), 10'000u);
}

TEST_P(Exceptions, OfAStartFunctionAreATrapOfIt) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({});
  module.start(module.func({}, throw_(tag)));
  World world(by_engine());
  const auto made = world.try_instantiate(module);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->trap, Trap::uncaught_exception);
  EXPECT_EQ(made->where, "start function");
}

TEST_P(Exceptions, CrossCallsByATableWithAllTheirPayload) {
  const std::vector<ValType> thousand(wasm::kMaxParams, L);
  ModuleBuilder module;
  const uint32_t tag = module.tag({thousand, {}});
  const uint32_t empty = module.type({}), results = module.type({{}, thousand});
  module.table({ValType::funcref, {1}});
  WasmBytes body, code;
  for (uint32_t i = 0; i < wasm::kMaxParams; ++i) body.i64_const(i);
  module.elem(0, {module.func({}, body.append(throw_(tag)))});
  code.i64_const(7).block_of_type(Op::block, results);
  code.append(try_table(WasmBytes{1, kCatch}.u32(tag).u32(0),
                        WasmBytes().i32_const(0).op(Op::call_indirect).u32(empty).u32(0)));
  code.op(Op::unreachable).end();
  for (uint32_t i = 0; i < wasm::kMaxParams; ++i) code.op(Op::i64_add);
  module.export_("f", ExternKind::Func, module.func({{}, {L}}, code));
  World world(by_engine());
  EXPECT_EQ(Guest(world, module).call("f").results, Slots{7 + 999 * 1000 / 2});
}

// The search is work that the guest causes.
TEST_P(Exceptions, FuelMayEndWhileAHandlerIsSearchedFor) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({}), other = module.tag({});
  WasmBytes deep;
  deep.local_get(0).op(Op::i32_eqz).block(Op::if_).append(throw_(tag)).end();
  WasmBytes call;
  call.local_get(0).i32_const(1).op(Op::i32_sub).call(0);
  deep.append(try_table(WasmBytes{1, kCatch}.u32(other).u32(0), call));
  const uint32_t self = module.func({{I}, {}}, deep);
  module.export_("f", ExternKind::Func,
                 module.func({{I}, {}}, try_table(WasmBytes{1, kCatchAll, 0},
                                                  WasmBytes().local_get(0).call(self))));
  World world(by_engine(1'000'000));
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("f", {1000}).trap, Trap::none);
  const int64_t used = 1'000'000 - world.execution.fuel;
  world.execution.fuel = used;
  EXPECT_EQ(guest.call("f", {1000}).trap, Trap::none);
  EXPECT_EQ(world.execution.fuel, 0);
  for (const int64_t less : {1, 1000, 2000}) {
    world.execution.fuel = used - less;
    EXPECT_EQ(guest.call("f", {1000}).trap, Trap::fuel_exhausted) << less;
    EXPECT_EQ(world.execution.trace[0].func->index, self);
  }
}

// [L1] The search does no more work than fuel has paid for: it ends in the middle.
TEST_P(Exceptions, TheSearchForAHandlerEndsWhereFuelDoes) {
  constexpr uint32_t kClauses = 5000;
  ModuleBuilder module;
  const uint32_t tag = module.tag({}), other = module.tag({});
  WasmBytes clauses = WasmBytes().u32(kClauses);
  for (uint32_t i = 0; i < kClauses; ++i) clauses.u8(kCatch).u32(other).u32(0);
  module.export_("f", ExternKind::Func,
                 module.func({{}, {}}, try_table(WasmBytes{1, kCatchAll, 0},
                                                 try_table(clauses, throw_(tag)))));
  World world(by_engine(2 * kClauses));
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("f").trap, Trap::none);
  const int64_t used = 2 * kClauses - world.execution.fuel;
  EXPECT_GE(used, kClauses);
  for (const int64_t less : {1, 2, 3000}) {
    world.execution.fuel = used - less;
    EXPECT_EQ(guest.call("f").trap, Trap::fuel_exhausted) << less;
    EXPECT_EQ(world.execution.fuel, -1) << less;
  }
}

// What was set since the last call is in a register alone when the next one throws.
TEST_P(Exceptions, AHandlerHasTheLocalsAsTheyWereAtTheThrow) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({{I}, {}});
  const uint32_t thrower = module.func({{I}, {}}, WasmBytes()
                                                      .local_get(0)
                                                      .i32_const(3)
                                                      .op(Op::i32_rem_u)
                                                      .op(Op::i32_eqz)
                                                      .block(Op::if_)
                                                      .local_get(0)
                                                      .append(throw_(tag))
                                                      .end());
  // Local 1 counts the calls, local 2 is first set within, local 3 adds up what was caught.
  WasmBytes body, code;
  body.local_get(1).i32_const(1).op(Op::i32_add).local_set(1);
  body.local_get(0).call(thrower).i32_const(100).local_set(2);
  body.local_get(0).i32_const(1).op(Op::i32_add).call(thrower).i32_const(1000).local_set(2);
  code.block(Op::loop);
  code.local_get(3).append(caught(tag, body)).op(Op::i32_add).local_get(2).op(Op::i32_add);
  code.local_set(3).local_get(0).i32_const(1).op(Op::i32_sub).local_tee(0).br_if(0).end();
  code.local_get(3).i32_const(16).op(Op::i32_shl).local_get(1).op(Op::i32_add);
  module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code, {{3, I}}));
  World world(by_engine());
  // 6: caught 6, 2 unset; 5: caught 6, then 100; 4: -1, 1000; 3: 3; 2: 3, 100; 1: -1, 1000.
  const int64_t sum = 6 + 0 + 6 + 100 - 1 + 1000 + 3 + 1000 + 3 + 100 - 1 + 1000;
  EXPECT_EQ(Guest(world, module).call("f", {6}).results,
            Slots{static_cast<uint32_t>((sum << 16) + 6)});
}

// An exception that skips a frame with spilled values; those of the frame that catches are in its
// locals, in operands of every kind and in vectors.
TEST_P(Exceptions, SkipAFrameWithSpilledValues) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({{ValType::f64, ValType::v128, I}, {}});
  WasmBytes thrower;
  thrower.f64_const(0.5).local_get(0).op(Op::i32x4_splat).i32_const(7).append(throw_(tag));
  const uint32_t inner = module.func({{I}, {}}, thrower);
  WasmBytes between;
  for (int i = 0; i < 20; ++i) between.i64_const(-i).local_get(0).op(Op::i32_popcnt);
  between.local_get(0).call(inner);
  for (int i = 0; i < 20; ++i) between.op(Op::drop).op(Op::drop);
  const uint32_t skipped = module.func({{I}, {}}, between);
  WasmBytes code;
  const uint32_t given = module.type({{}, {ValType::f64, ValType::v128, I}});
  for (int i = 0; i < 20; ++i) code.local_get(0).i32_const(i).op(Op::i32_add);
  code.local_get(0).op(Op::i32x4_splat).block_of_type(Op::block, given);
  code.append(
      try_table(WasmBytes{1, kCatch}.u32(tag).u32(0), WasmBytes().local_get(0).call(skipped)));
  code.op(Op::unreachable).end();
  code.local_set(1).local_set(2).local_set(3);
  code.local_get(2).op(Op::i32x4_add).local_get(1).local_get(3).f64_const(2).op(Op::f64_mul);
  code.op(Op::i32_trunc_f64_s)
      .op(Op::i32_add)
      .op(Op::i32x4_splat)
      .op(Op::i32x4_add)
      .op(Op::i32x4_extract_lane)
      .u8(0);
  for (int i = 0; i < 20; ++i) code.op(Op::i32_add);
  module.export_("f", ExternKind::Func,
                 module.func({{I}, {I}}, code, {{1, I}, {1, ValType::v128}, {1, ValType::f64}}));
  World world(by_engine());
  EXPECT_EQ(Guest(world, module).call("f", {3}).results, Slots{20 * 3 + 190 + 3 + 3 + 8});
}

// The same by each engine at each amount of fuel: where it ends, and what is left ([D1]).
TEST(ExceptionsWithFuel, EndAtTheSamePlaceInEveryEngine) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({{I}, {}}), other = module.tag({});
  WasmBytes deep;
  deep.local_get(0).op(Op::i32_eqz).block(Op::if_).i32_const(9).append(throw_(tag)).end();
  deep.append(try_table(WasmBytes{1, kCatch}.u32(other).u32(0),
                        WasmBytes().local_get(0).i32_const(1).op(Op::i32_sub).call(0)));
  const uint32_t self = module.func({{I}, {}}, deep);
  WasmBytes legacy;
  legacy.op(Op::try_).type(I).op(Op::try_).u8(0x40).local_get(0).call(self).op(Op::delegate).u32(0);
  legacy.i32_const(1).op(Op::catch_).u32(other).i32_const(2).op(Op::catch_).u32(tag).op(Op::drop);
  legacy.op(Op::rethrow).u32(0).end();
  const uint32_t middle = module.func({{I}, {I}}, legacy);
  module.export_(
      "f", ExternKind::Func,
      module.func({{I}, {I}}, caught(tag, WasmBytes().local_get(0).call(middle).op(Op::drop))));
  for (int64_t fuel = 0; fuel < 130; ++fuel) {
    std::vector<std::string> outcomes;
    for (const testing::EngineRow& row : testing::kEngines) {
      World world({.engine = row.engine, .fuel = fuel});
      const Returned returned = Guest(world, module).call("f", {5});
      const uint64_t result = returned.results.empty() ? 0 : returned.results[0];
      outcomes.push_back(std::string(trap_name(returned.trap)) + ' ' + std::to_string(result) +
                         " left " + std::to_string(world.execution.fuel) + " at " + world.trace());
    }
    for (const std::string& outcome : outcomes) EXPECT_EQ(outcome, outcomes[0]) << fuel;
    if (fuel == 129) EXPECT_EQ(outcomes[0].substr(0, 7), "none 9 ");
  }
}

// The legacy encoding.

WasmBytes try_(const WasmBytes& body) { return WasmBytes().op(Op::try_).type(I).append(body); }

TEST_P(LegacyExceptions, ACatchBlockRethrowsWhatItHasCaught) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({{I}, {}}), other = module.tag({});
  // Within the catch of 5, one of `other` is caught and 5 rethrown from there.
  WasmBytes inner, code;
  inner.append(try_(WasmBytes().i32_const(5).append(throw_(tag)))).op(Op::catch_).u32(tag);
  inner.op(Op::drop);
  inner.append(try_(throw_(other))).op(Op::catch_all).op(Op::rethrow).u32(1).end().end();
  code.append(try_(inner)).op(Op::catch_).u32(tag).i32_const(100).op(Op::i32_add).end();
  module.export_("f", ExternKind::Func, module.func({{}, {I}}, code));
  World world(by_engine());
  EXPECT_EQ(Guest(world, module).call("f").results, Slots{105});
}

// The locals that hold caught exceptions come after those that the function declares, each of which
// takes two slots where one is a vector. A guest that could write there would choose an address.
TEST_P(LegacyExceptions, VectorsInLocalsAreNoCaughtExceptions) {
  constexpr uint32_t kVectors = 3;
  for (uint32_t depth = 1; depth <= 6; ++depth) {
    ModuleBuilder module;
    const uint32_t tag = module.tag({{I}, {}});
    WasmBytes code;
    for (uint32_t i = 0; i < depth; ++i) {
      const auto payload = static_cast<int32_t>(5 + i);
      code.append(try_(WasmBytes().i32_const(payload).append(throw_(tag)))).op(Op::catch_).u32(tag);
      code.op(Op::drop);
    }
    for (uint32_t local = 0; local < kVectors; ++local) {
      code.i64_const(-1).op(Op::i64x2_splat).local_set(local);
    }
    code.op(Op::rethrow).u32(depth - 1);
    for (uint32_t i = 0; i < depth; ++i) code.end();
    WasmBytes whole;
    whole.append(try_(code)).op(Op::catch_).u32(tag).end();
    module.export_("f", ExternKind::Func,
                   module.func({{}, {I}}, whole, {{kVectors, ValType::v128}}));
    World world(by_engine());
    const Returned returned = Guest(world, module).call("f");
    EXPECT_EQ(returned.trap, Trap::none) << depth;
    EXPECT_EQ(returned.results, Slots{5}) << depth;
  }
}

TEST_P(LegacyExceptions, DelegateSkipsTheHandlersInBetween) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({});
  for (const uint32_t label : {0u, 1u, 2u}) {
    WasmBytes code;
    code.append(try_(try_(try_(throw_(tag)).op(Op::delegate).u32(label))
                         .op(Op::catch_all)
                         .i32_const(1)
                         .end()))
        .op(Op::catch_all)
        .i32_const(2)
        .end();
    module.export_(std::to_string(label), ExternKind::Func, module.func({{}, {I}}, code));
  }
  World world(by_engine());
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("0").results, Slots{1});
  EXPECT_EQ(guest.call("1").results, Slots{2});
  EXPECT_EQ(guest.call("2").trap, Trap::uncaught_exception);
}

TEST_P(LegacyExceptions, APartThatIsNotThrownIntoIsPassedOver) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({{I}, {}});
  WasmBytes code;
  code.i32_const(40).append(try_(WasmBytes().i32_const(2))).op(Op::catch_).u32(tag).i32_const(9);
  code.op(Op::i32_add).op(Op::catch_all).i32_const(8).end().op(Op::i32_add);
  module.export_("f", ExternKind::Func, module.func({{}, {I}}, code));
  World world(by_engine());
  EXPECT_EQ(Guest(world, module).call("f").results, Slots{42});
}

}  // namespace
}  // namespace cordon
