// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code that arrives while its module runs, in this process: what is requested and when, what is
// done with what comes, and that nothing else can be seen of it ([D1]).
#include "core/engine/tiering.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "core/jit/baseline/baseline.h"
#include "core/jit/code/on_demand.h"
#include "core/wasm/diagnostics.h"
#include "tests/kit/tail_calls.h"
#include "tests/native/walk.h"

namespace cordon {
namespace {

using engine::Engine;
using engine::Value;
using testing::ModuleBuilder;
using testing::Walk;
using testing::WalkWorld;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;
using Piece = Result<std::optional<SealedFile>>;
using Bodies = std::vector<uint32_t>;

constexpr ValType I = ValType::i32;

// Gives what a test has it give, and notes what is requested.
class ScriptedFeeds : public engine::CodeFeeds {
 public:
  std::deque<std::function<Piece()>> pieces;  // one a look; after the last one nothing
  Bodies asked;
  uint32_t looks = 0;

  Result<std::unique_ptr<const wasm::ValidatedModule>> validate(wasm::Module module,
                                                                unsigned threads) const override {
    return wasm::validate_module_with_uses(std::move(module), threads);
  }
  Result<std::unique_ptr<engine::CodeFeed>> feed(std::shared_ptr<const wasm::ValidatedModule>,
                                                 bool) override {
    return std::make_unique<Feed>(*this);
  }

 private:
  class Feed final : public engine::CodeFeed {
   public:
    explicit Feed(ScriptedFeeds& feeds) : feeds_(feeds) {}
    void ask(uint32_t body) override { feeds_.asked.push_back(body); }
    Piece poll() override {
      ++feeds_.looks;
      if (feeds_.pieces.empty()) return std::nullopt;
      const auto next = std::move(feeds_.pieces.front());
      feeds_.pieces.pop_front();
      return next();
    }

   private:
    ScriptedFeeds& feeds_;
  };
};

// Function 0 calls function 1 and function 2 by turns; function 3 is never called. "f" is 0.
ModuleBuilder three_and_a_cold_one() {
  ModuleBuilder module;
  WasmBytes code;
  code.local_get(0).op(Op::i32_eqz).block(Op::if_, I).i32_const(7).call(1).op(Op::else_);
  code.local_get(0).i32_const(1).op(Op::i32_sub).call(2).end();
  module.func({{I}, {I}}, code);
  module.func({{I}, {I}}, WasmBytes().local_get(0).i32_const(1).op(Op::i32_add));
  module.func({{I}, {I}}, WasmBytes().local_get(0).call(0).i32_const(1).op(Op::i32_add));
  module.func({{I}, {I}}, WasmBytes().local_get(0));
  module.export_("f", ExternKind::Func, 0);
  return module;
}

struct Scripted : ScriptedFeeds, testing::World {
  explicit Scripted(uint64_t threshold, int64_t fuel = runtime::Execution::kUnlimitedFuel)
      : World({.engine = Engine::Auto, .fuel = fuel}) {
    config.code_feeds = this;
    config.thresholds = {.fuel = threshold, .slice = 1};
  }
  Result<engine::Instantiated> make(const ModuleBuilder& module) {
    loaded = testing::must(load(module.build()));
    return try_instantiate(loaded);
  }
  static jit::CompileOptions options(bool fuel) {
    return {.target = abi::detect_target(), .fuel = fuel};
  }
  // A piece of the loaded module's, as its compiler would make it next.
  std::function<Piece()> piece(uint32_t body, uint64_t budget = 0, bool fuel = false) {
    return [this, body, budget, fuel]() -> Piece {
      if (!compiler) {
        compiler.emplace(*loaded.module, jit::baseline_tier, options(fuel));
      }
      return SealedFile::of_bytes(TRY(compiler->compile(body, budget)), "code");
    };
  }
  static std::function<Piece()> bytes(std::vector<uint8_t> content) {
    return [content]() -> Piece { return SealedFile::of_bytes(content, "code"); };
  }

  engine::LoadedModule loaded;
  std::optional<jit::OnDemand> compiler;
};

std::vector<bool> natives(const runtime::Instance& instance) {
  std::vector<bool> out;
  for (const runtime::Func* func : instance.funcs) out.push_back(func->is_native());
  return out;
}

TEST(Tiering, AFunctionIsAskedForOnceAndRunsItsCodeFromThenOn) {
  Scripted world(1);
  const engine::Instantiated made = testing::must(world.make(three_and_a_cold_one()));
  EXPECT_EQ(world.looks, 0U);
  EXPECT_EQ(natives(*made.instance), std::vector<bool>(4));
  world.pieces = {[]() -> Piece { return std::nullopt; }, world.piece(0), world.piece(2)};
  EXPECT_EQ(world.result(*made.instance, "f", {Value::i32(20)}), "i32:28");
  EXPECT_EQ(natives(*made.instance), (std::vector<bool>{true, false, true, false}));
  EXPECT_EQ(made.tiering->stats().functions, 2U);
  EXPECT_EQ(made.tiering->stats().pieces, 2U);
  EXPECT_GT(made.tiering->stats().code_bytes, made.tiering->stats().wasm_bytes);
  EXPECT_NE(made.tiering->stats().first_native_ns, 0U);
  Bodies asked = world.asked;
  std::ranges::sort(asked);
  EXPECT_EQ(std::ranges::adjacent_find(asked), asked.end());
  EXPECT_EQ(std::ranges::count(asked, 3U), 0);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(world.result(*made.instance, "f", {Value::i32(3)}), "i32:11");
  }
}

// Function 1 came with function 0, and so nothing is waited for.
TEST(Tiering, NobodyLooksForCodeThatIsThere) {
  Scripted world(1);
  const engine::Instantiated made = testing::must(world.make(three_and_a_cold_one()));
  world.pieces = {world.piece(0, 1000)};
  EXPECT_EQ(world.result(*made.instance, "f", {Value::i32(9)}), "i32:17");
  EXPECT_EQ(natives(*made.instance), (std::vector<bool>{true, true, true, false}));
  const uint32_t looks = world.looks;
  EXPECT_EQ(world.result(*made.instance, "f", {Value::i32(9)}), "i32:17");
  EXPECT_EQ(world.looks, looks);
}

TEST(Tiering, CodeThatDoesNotComeIsNoFailure) {
  Scripted world(0);
  world.pieces = {[]() -> Piece { return fail(wasm::diag::not_compiled, kNoOffset, "tired"); }};
  const engine::Instantiated made = testing::must(world.make(three_and_a_cold_one()));
  EXPECT_TRUE(made.tiering->stats().ended);
  EXPECT_NE(made.tiering->stats().why_ended.find("tired"), std::string::npos);
  EXPECT_EQ(world.result(*made.instance, "f", {Value::i32(20)}), "i32:28");
  EXPECT_EQ(world.looks, 1U);
}

// [W3] Whatever is no next piece of this module's series ends the run, and no later call is made.
TEST(Tiering, APieceThatIsRefusedEndsTheRun) {
  const auto expect_refused = [](Scripted& world, std::deque<std::function<Piece()>> pieces,
                                 const char* why) {
    const engine::Instantiated made = testing::must(world.make(three_and_a_cold_one()));
    world.pieces = std::move(pieces);
    for (int i = 0; i < 2; ++i) {
      const auto outcome =
          engine::invoke(world.execution, *made.instance, "f", std::vector<Value>{Value::i32(50)});
      ASSERT_FALSE(outcome.has_value()) << why;
      EXPECT_NE(outcome.error().message().find(why), std::string::npos)
          << outcome.error().message();
    }
    EXPECT_EQ(world.execution.nesting, 0U);
    EXPECT_TRUE(world.store.is_at_rest());
  };
  Scripted garbage(1);
  expect_refused(garbage, {Scripted::bytes({1, 2, 3, 4})}, "");
  Scripted empty(1);
  expect_refused(empty, {Scripted::bytes({})}, "");
  Scripted other_fuel(1);
  expect_refused(other_fuel, {other_fuel.piece(0, 0, true)}, "another rule for fuel");
  Scripted no_fuel(1, 1'000'000);
  expect_refused(no_fuel, {no_fuel.piece(0, 0, false)}, "another rule for fuel");
  Scripted twice(1);
  const auto same = [&twice]() -> Piece {
    jit::OnDemand fresh(*twice.loaded.module, jit::baseline_tier, Scripted::options(false));
    return SealedFile::of_bytes(TRY(fresh.compile(0, 0)), "code");
  };
  expect_refused(twice, {same, same}, "");
  Scripted whole(1);
  const auto all = [&whole]() -> Piece {
    const auto code =
        TRY(jit::compile(*whole.loaded.module, jit::baseline_tier, Scripted::options(false)));
    return SealedFile::of_bytes(code, "code");
  };
  expect_refused(whole, {all}, "");
}

TEST(Tiering, APieceThatIsRefusedBeforeTheStartFailsTheInstantiation) {
  Scripted world(0);
  world.pieces = {Scripted::bytes({1, 2, 3})};
  EXPECT_FALSE(world.make(three_and_a_cold_one()).has_value());
}

// By the model of break-even a run this short pays for no compiler.
TEST(Tiering, AShortRunAsksForNothing) {
  Scripted world(0);
  world.config.thresholds = {};
  const engine::Instantiated made = testing::must(world.make(three_and_a_cold_one()));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(world.result(*made.instance, "f", {Value::i32(100)}), "i32:108");
  }
  EXPECT_EQ(world.asked, Bodies{});
  EXPECT_EQ(world.looks, 0U);
}

TEST(Tiering, ByDefaultALongRunHasItsHotFunctionsNativeAndNoOther) {
  testing::CompilingWorld world({.engine = Engine::Auto});
  embed::JitCodeFeeds feeds;
  world.config.code_feeds = &feeds;
  world.config.thresholds = {};
  const engine::LoadedModule loaded =
      testing::must(world.load(three_and_a_cold_one().build(), Engine::Auto));
  const engine::Instantiated made = testing::must(world.try_instantiate(loaded));
  for (int i = 0; i < 40'000; ++i) {
    ASSERT_EQ(world.result(*made.instance, "f", {Value::i32(200)}), "i32:208");
  }
  EXPECT_EQ(natives(*made.instance), (std::vector<bool>{true, true, true, false}));
}

// Every schedule and threshold, code in every order, late and never.
TEST(Tiering, EveryWalkIsTheSameWithEverySchedule) {
  const auto walks = testing::random_walks(60, 40);
  for (const testing::Calls calls : {testing::Calls::ByTable, testing::Calls::Direct}) {
    WalkWorld reference({.engine = Engine::Interp, .fuel = 1'000'000'000});
    runtime::Instance& expected = reference.instantiate(testing::walk_module(calls));
    std::vector<std::string> seen;
    for (const Walk& walk : walks) seen.push_back(reference.seen(expected, walk));
    uint64_t natives_in_all = 0;
    for (int schedule = 0; schedule < 60; ++schedule) {
      WalkWorld world({.engine = Engine::Auto, .fuel = 1'000'000'000});
      runtime::Instance& instance = world.instantiate(testing::walk_module(calls));
      for (size_t i = 0; i < walks.size(); ++i) {
        ASSERT_EQ(world.seen(instance, walks[i]), seen[i]) << "schedule " << schedule;
      }
      natives_in_all += static_cast<uint64_t>(std::ranges::count(natives(instance), true));
    }
    EXPECT_GT(natives_in_all, 100U);
  }
}

// A table of one instance and the imports of another have functions that become native meanwhile.
TEST(Tiering, OtherInstancesReachCodeThatCameLater) {
  for (int schedule = 0; schedule < 20; ++schedule) {
    testing::CompilingWorld world({.engine = Engine::Auto});
    ModuleBuilder owner;
    const uint32_t type = owner.type({{I}, {I}});
    owner.table({ValType::funcref, {2}});
    owner.export_("table", ExternKind::Table, 0);
    WasmBytes down;
    down.local_get(0).op(Op::i32_eqz).block(Op::if_).i32_const(42).op(Op::return_).end();
    down.local_get(0).i32_const(1).op(Op::i32_sub).i32_const(1);
    const uint32_t f =
        owner.func({{I}, {I}}, WasmBytes(down).op(Op::call_indirect).u32(type).u32(0));
    owner.elem(0, {f});
    owner.export_("f", ExternKind::Func, f);
    runtime::Instance& first = world.instantiate(owner);
    world.linker.define_instance("owner", first);
    ModuleBuilder user;
    const uint32_t import = user.import_func("owner", "f", {{I}, {I}});
    user.import_table("owner", "table", {ValType::funcref, {2}});
    const uint32_t g = user.func({{I}, {I}}, WasmBytes().local_get(0).call(import));
    user.elem(1, {g});
    user.export_("g", ExternKind::Func, g);
    runtime::Instance& second = world.instantiate(user);
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(world.result(second, "g", {Value::i32(30)}), "i32:42");
      EXPECT_EQ(world.result(first, "f", {Value::i32(31)}), "i32:42");
    }
  }
}

// [S1] Between functions of which one has code and the other is waited for.
TEST(Tiering, TailCallsTakeNoStackWhateverHasCode) {
  ModuleBuilder module;
  module.func({{I}, {I}}, testing::countdown(testing::return_call(1)));
  module.func({{I}, {I}}, testing::countdown(testing::return_call(0)), {{7, I}});
  module.func({{I}, {I}}, WasmBytes().local_get(0).call(0).i32_const(1).op(Op::i32_add));
  module.export_("f", ExternKind::Func, 0);
  module.export_("within", ExternKind::Func, 2);
  constexpr auto kCalls = static_cast<uint32_t>(testing::kManyTailCalls / 100);
  for (const std::vector<uint32_t>& bodies :
       std::vector<std::vector<uint32_t>>{{0}, {1}, {0, 2}, {1, 2}}) {
    Scripted world(1);
    world.config.stack_bytes = 1000;
    const engine::Instantiated made = testing::must(world.make(module));
    for (const uint32_t body : bodies) world.pieces.push_back(world.piece(body));
    EXPECT_EQ(world.result(*made.instance, "within", {Value::i32(10)}), "i32:43");
    EXPECT_EQ(world.result(*made.instance, "f", {Value::i32(kCalls)}), "i32:42");
    EXPECT_EQ(world.result(*made.instance, "within", {Value::i32(kCalls)}), "i32:43");
    EXPECT_EQ(made.tiering->stats().functions, bodies.size());
  }
}

// A loop that goes on in native code calls a function that is still interpreted, whose frame takes
// the place of its own.
TEST(Tiering, ALoopThatWentOnReturnsToItsCaller) {
  ModuleBuilder module;
  module.func({{I}, {I}}, WasmBytes().local_get(0).i32_const(1).op(Op::i32_add), {{9, I}});
  WasmBytes loop;
  loop.block(Op::loop).local_get(1).call(0).local_set(1);
  loop.local_get(0).i32_const(1).op(Op::i32_sub).local_tee(0).br_if(0).end().local_get(1);
  module.func({{I}, {I}}, loop, {{1, I}});
  WasmBytes outer;
  outer.i32_const(1000).local_get(0).call(1).op(Op::i32_add);
  module.export_("f", ExternKind::Func, module.func({{I}, {I}}, outer));
  Scripted world(1);
  const engine::Instantiated made = testing::must(world.make(module));
  world.pieces = {[]() -> Piece { return std::nullopt; }, []() -> Piece { return std::nullopt; },
                  world.piece(1)};
  EXPECT_EQ(world.result(*made.instance, "f", {Value::i32(50)}), "i32:1050");
  EXPECT_EQ(world.execution.loops_entered, 1U);
}

// A loop at the bottom of a run goes on in native code, which then hands over to an interpreted
// function of another instance.
TEST(Tiering, ALoopThatWentOnEndsInATailCallOfAnotherInstance) {
  Scripted world(1);
  ModuleBuilder other;
  other.export_("g", ExternKind::Func,
                other.func({{I}, {I}}, WasmBytes().local_get(0).i32_const(1).op(Op::i32_add)));
  world.linker.define_instance("other", world.instantiate(other, Engine::Interp));
  ModuleBuilder module;
  const uint32_t g = module.import_func("other", "g", {{I}, {I}});
  WasmBytes loop;
  loop.block(Op::loop).local_get(0).i32_const(1).op(Op::i32_sub).local_tee(0).br_if(0).end();
  loop.i32_const(41).append(testing::return_call(g));
  module.export_("f", ExternKind::Func, module.func({{I}, {I}}, loop));
  const engine::Instantiated made = testing::must(world.make(module));
  world.pieces = {[]() -> Piece { return std::nullopt; }, world.piece(0)};
  EXPECT_EQ(world.result(*made.instance, "f", {Value::i32(50)}), "i32:42");
  EXPECT_EQ(world.execution.loops_entered, 1U);
}

}  // namespace
}  // namespace cordon
