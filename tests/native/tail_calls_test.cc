// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tail calls in native code, alone and beside interpreted instances ([D1], [S1]): however many
// follow each other, they take no more of any stack than one; windows of every size fit; results,
// fuel, traps, traces and the depth of a recursion are those of the interpreter.
#include "tests/kit/tail_calls.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/kit/compiling_world.h"
#include "tests/kit/engines.h"

namespace cordon {
namespace {

using engine::Engine;
using testing::countdown;
using testing::EngineRow;
using testing::Guest;
using testing::kEngines;
using testing::kReference;
using testing::kSmallStack;
using testing::ModuleBuilder;
using testing::return_call;
using testing::return_call_indirect;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::FuncType;
using wasm::Op;
using wasm::ValType;
using Slots = std::vector<uint64_t>;

constexpr ValType I = ValType::i32, L = ValType::i64, F = ValType::f32, D = ValType::f64,
                  V = ValType::v128;

constexpr uint64_t kMany = testing::kManyTailCalls;
constexpr uint64_t kSome = 1'000'000;

TEST(NativeTailCalls, AHundredMillionInALoopTakeOneFrame) {
  ModuleBuilder module;
  module.func({{I}, {I}}, countdown(return_call(1)));
  module.func({{I}, {I}}, countdown(return_call(0)), {{7, L}});
  const uint32_t itself = module.func({{I}, {I}}, countdown(return_call(2)));
  module.export_("two", ExternKind::Func, 0);
  module.export_("itself", ExternKind::Func, itself);
  testing::CompilingWorld world({.stack_bytes = kSmallStack});
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("two", {kMany}).results, Slots{42});
  EXPECT_EQ(guest.call("itself", {kMany}).results, Slots{42});
}

TEST(NativeTailCalls, AHundredMillionByATableTakeOneFrame) {
  ModuleBuilder module;
  const uint32_t type = module.type({{I}, {I}});
  module.table({ValType::funcref, {2}});
  const WasmBytes other =
      WasmBytes().local_get(0).i32_const(1).op(Op::i32_and).append(return_call_indirect(type));
  module.elem(0, {module.func({{I}, {I}}, countdown(other)),
                  module.func({{I}, {I}}, countdown(other), {{3, D}})});
  module.export_("f", ExternKind::Func, 0);
  testing::CompilingWorld world({.stack_bytes = kSmallStack});
  EXPECT_EQ(Guest(world, module).call("f", {kMany}).results, Slots{42});
}

// One instance's half of a game: each calls the other by a table that both have. "within" is a call
// of it, so that what returns to that is in the instance; "f" is entered from outside.
ModuleBuilder player(int32_t own, int32_t other, bool by_import) {
  ModuleBuilder module;
  const uint32_t type = module.type({{I}, {I}});
  module.import_table("shared", "table", {ValType::funcref, {2, 2, true}});
  uint32_t import = 0;
  if (by_import) import = module.import_func("first", "f", {{I}, {I}});
  const WasmBytes next = by_import
                             ? return_call(import)
                             : WasmBytes().i32_const(other).append(return_call_indirect(type));
  const uint32_t f = module.func({{I}, {I}}, countdown(next));
  module.elem(own, {f});
  module.export_("f", ExternKind::Func, f);
  const uint32_t within =
      module.func({{I}, {I}}, WasmBytes().local_get(0).call(f).i32_const(1).op(Op::i32_add));
  module.export_("within", ExternKind::Func, within);
  return module;
}

struct Game : testing::CompilingWorld {
  Game(Engine first_engine, Engine second_engine) : CompilingWorld({.stack_bytes = kSmallStack}) {
    linker.define("shared", "table", *store.add_table({ValType::funcref, {2, 2, true}}, 0));
    first = &instantiate(player(0, 1, false), first_engine);
    linker.define_instance("first", *first);
    second = &instantiate(player(1, 0, true), second_engine);
  }
  std::string play(runtime::Instance& instance, std::string_view how, uint64_t calls) {
    return result(instance, how, {engine::Value::i32(static_cast<uint32_t>(calls))});
  }
  runtime::Instance *first, *second;
};

TEST(NativeTailCalls, AHundredMillionBetweenTwoInstancesTakeOneFrame) {
  Game game(Engine::Jit, Engine::Jit);
  EXPECT_EQ(game.play(*game.first, "f", kMany), "i32:42");
}

TEST(NativeTailCalls, BetweenInstancesOfAllEnginesTakeOneFrame) {
  for (const EngineRow& first : kEngines) {
    for (const EngineRow& second : kEngines) {
      Game game(first.engine, second.engine);
      for (const uint64_t calls : {kSome, kSome + 1, uint64_t{1}, uint64_t{2}, uint64_t{0}}) {
        for (runtime::Instance* instance : {game.first, game.second}) {
          EXPECT_EQ(game.play(*instance, "f", calls), "i32:42") << first << second;
          EXPECT_EQ(game.play(*instance, "within", calls), "i32:43") << first << second;
        }
      }
    }
  }
}

// Everything that can be seen of a call.
std::string seen(testing::World& world, runtime::Instance& instance, std::string_view name,
                 const std::vector<engine::Value>& arguments) {
  std::string text = world.result(instance, name, arguments);
  if (!world.trace().empty()) text += " at " + world.trace();
  return text + ", fuel " + std::to_string(world.execution.fuel);
}

const std::vector<std::vector<ValType>> kParams = {
    {},
    {L},
    {I, I, I, I, I, I},
    {I, I, I, I, I, I, I},
    {F, D, F, D, F, D, F, D, F},
    {V},
    {I, V, L, V, D},
    {L, I, L, I, L, I, L, I, D, F, D, F, D, F, D, F, D, F, V, I},
    std::vector<ValType>(300, L),
};

void add_up(WasmBytes& code, ValType type, uint32_t local) {
  code.local_get(local);
  if (type == I) code.op(Op::i64_extend_i32_u);
  if (type == F) code.op(Op::i64_trunc_f32_s);
  if (type == D) code.op(Op::i64_trunc_f64_s);
  if (type == V) code.op(Op::i64x2_extract_lane).append({1});
  code.op(Op::i64_add).i64_const(3).op(Op::i64_mul);
}

// Parameter `index` of a callee, made of local 0, which is an i64.
void push_argument(WasmBytes& code, ValType type, uint32_t index) {
  code.local_get(0).i64_const(static_cast<int64_t>(index)).op(Op::i64_add);
  if (type == I) code.op(Op::i32_wrap_i64);
  if (type == F) code.op(Op::f32_convert_i64_s);
  if (type == D) code.op(Op::f64_convert_i64_s);
  if (type == V) code.op(Op::i64x2_splat);
}

// A caller with operands that it keeps, a function between with its own window, and the callee,
// which is of the module, of a table, imported from another instance, or the host's.
struct Windows {
  std::vector<ValType> params, results;
  uint32_t own;  // i64 parameters of the function between besides the first
};

WasmBytes sum_of(const std::vector<ValType>& params, size_t results) {
  WasmBytes code;
  code.i64_const(1);
  for (uint32_t i = 0; i < params.size(); ++i) add_up(code, params[i], i);
  for (size_t i = 1; i < results; ++i) code.i64_const(static_cast<int64_t>(i));
  return code;
}

ModuleBuilder windows_module(const Windows& shape, bool imports) {
  ModuleBuilder module;
  const FuncType type{shape.params, shape.results};
  const uint32_t callee_type = module.type(type);
  const uint32_t import = imports ? module.import_func("other", "sum", type) : 0;
  module.table({ValType::funcref, {2}});
  const uint32_t callee = module.func(type, sum_of(shape.params, shape.results.size()), {{3, L}});
  module.export_("sum", ExternKind::Func, callee);
  module.elem(0, {callee});
  if (imports) module.elem(1, {import});
  std::vector<ValType> own(shape.own + 1, L);
  WasmBytes arguments;
  for (uint32_t i = 0; i < shape.params.size(); ++i) {
    push_argument(arguments, shape.params[i], i);
  }
  std::vector<std::pair<std::string, WasmBytes>> ways = {
      {"direct", return_call(callee)},
      {"table", WasmBytes().i32_const(0).append(return_call_indirect(callee_type))}};
  if (imports) {
    ways.emplace_back("import", return_call(import));
    ways.emplace_back("foreign",
                      WasmBytes().i32_const(1).append(return_call_indirect(callee_type)));
  }
  for (const auto& [name, way] : ways) {
    WasmBytes between;
    between.i64_const(-7).f64_const(-8).append(arguments).append(way);
    const uint32_t func = module.func({own, shape.results}, between, {{2, L}});
    WasmBytes call;
    call.i64_const(1000).local_get(0);
    for (uint32_t i = 0; i < shape.own; ++i) call.i64_const(i);
    call.call(func);
    for (size_t i = 0; i < shape.results.size(); ++i) call.op(Op::i64_add);
    module.export_(name, ExternKind::Func, module.func({{L}, {L}}, call));
  }
  return module;
}

TEST(NativeTailCalls, ALargerWindowLeavesTheCallersCallerAlone) {
  for (const auto& params : kParams) {
    for (const size_t results : {size_t{1}, size_t{2}, size_t{7}}) {
      for (const uint32_t own : {0U, 7U, 20U}) {
        const Windows shape{params, std::vector<ValType>(results, L), own};
        std::vector<std::string> expected;
        for (const EngineRow& row : kEngines) {
          testing::CompilingWorld world({.fuel = 1'000'000});
          runtime::Instance& other = world.instantiate(windows_module(shape, false), row.engine);
          world.linker.define_instance("other", other);
          runtime::Instance& instance = world.instantiate(windows_module(shape, true), row.engine);
          std::vector<std::string> all;
          for (const char* way : {"direct", "table", "import", "foreign"}) {
            all.push_back(seen(world, instance, way, {engine::Value::i64(5)}));
          }
          if (expected.empty()) expected = all;
          EXPECT_EQ(all, expected) << row << params.size() << " " << results << " " << own;
        }
      }
    }
  }
}

// A function of the host: gives what it got, or a trap; or calls back.
struct Host {
  testing::World& world;
  runtime::Func* back = nullptr;

  static Trap next(void*, runtime::HostCall&, const uint64_t* args, uint64_t* results) {
    if (args[0] == 13) return Trap::unreachable;
    results[0] = args[0] + args[7];
    results[1] = 5;
    return Trap::none;
  }
  static Trap call_back(void* env, runtime::HostCall&, const uint64_t*, uint64_t*) {
    Host& host = *static_cast<Host*>(env);
    return engine::invoke(host.world.execution, *host.back, {})->trap;
  }
};

TEST(NativeTailCalls, OfTheHostGiveItsResultsAndItsTraps) {
  const FuncType type{std::vector<ValType>(8, L), {L, L}};
  ModuleBuilder module;
  const uint32_t host = module.import_func("host", "next", type);
  WasmBytes pass;
  for (uint32_t i = 0; i < 8; ++i) pass.local_get(0);
  const uint32_t f = module.func({{L}, {L, L}}, pass.append(return_call(host)));
  module.export_("f", ExternKind::Func, f);
  module.export_("g", ExternKind::Func,
                 module.func({{L}, {L}}, WasmBytes().local_get(0).call(f).op(Op::i64_sub)));
  std::vector<std::string> expected;
  for (const EngineRow& row : kEngines) {
    testing::CompilingWorld world({.fuel = 1000});
    world.linker.define_func("host", "next", type, Host::next, nullptr);
    runtime::Instance& instance = world.instantiate(module, row.engine);
    std::vector<std::string> all;
    for (const char* name : {"f", "g"}) {
      for (const uint64_t value : {10, 13}) {
        all.push_back(seen(world, instance, name, {engine::Value::i64(value)}));
      }
    }
    if (expected.empty()) expected = all;
    EXPECT_EQ(all, expected) << row;
    EXPECT_TRUE(all[0].starts_with("i64:20 i64:5, fuel")) << all[0];
    EXPECT_TRUE(all[3].starts_with("trap: unreachable at 2@")) << all[3];
  }
}

TEST(NativeTailCalls, ByATableRefuseWhatACallDoes) {
  for (const EngineRow& row : kEngines) {
    ModuleBuilder module;
    const uint32_t type = module.type({{}, {I}});
    module.table({ValType::funcref, {3}});
    module.elem(1, {module.func({{}, {I}}, WasmBytes().i32_const(6)),
                    module.func({{}, {L}}, WasmBytes().i64_const(7))});
    module.export_(
        "f", ExternKind::Func,
        module.func({{I}, {I}}, WasmBytes().local_get(0).append(return_call_indirect(type))));
    testing::CompilingWorld world({.engine = row.engine});
    const Guest guest(world, module);
    EXPECT_EQ(guest.call("f", {0}).trap, Trap::uninitialized_element);
    EXPECT_EQ(guest.call("f", {1}).results, Slots{6});
    EXPECT_EQ(guest.call("f", {2}).trap, Trap::indirect_call_type_mismatch);
    EXPECT_EQ(guest.call("f", {3}).trap, Trap::undefined_element);
  }
}

// Entered by the host and by a function; with the fuel ending at each place in between.
TEST(NativeTailCalls, FuelEndsAtTheSamePlace) {
  ModuleBuilder module;
  const uint32_t type = module.type({{I}, {I}});
  module.table({ValType::funcref, {1}});
  const uint32_t f = module.func({{I}, {I}}, countdown(return_call(1)));
  module.func({{I}, {I}}, countdown(WasmBytes().i32_const(0).append(return_call_indirect(type))));
  module.elem(0, {f});
  module.export_("f", ExternKind::Func, f);
  module.export_("g", ExternKind::Func, module.func({{I}, {I}}, WasmBytes().local_get(0).call(f)));
  for (int64_t fuel = 0; fuel < 100; ++fuel) {
    for (const char* name : {"f", "g"}) {
      std::string expected;
      for (const EngineRow& row : kEngines) {
        testing::CompilingWorld world({.fuel = 1000});
        runtime::Instance& instance = world.instantiate(module, row.engine);
        world.execution.fuel = fuel;
        const std::string all = seen(world, instance, name, {engine::Value::i32(6)});
        if (expected.empty()) expected = all;
        EXPECT_EQ(all, expected) << row << fuel;
      }
    }
  }
}

// A recursion by way of tail calls counts its rounds and ends at the same depth, whatever windows
// the module has and whether the way leads through the host.
ModuleBuilder recursion(uint32_t params, uint32_t locals, bool through_host) {
  ModuleBuilder module;
  const FuncType wide{std::vector<ValType>(params, L), {}};
  const uint32_t host = module.import_func("host", "back", {});
  const uint32_t counter = module.global({I, true}, WasmBytes().i32_const(0));
  WasmBytes count, hand_over;
  count.op(Op::global_get).u32(counter).i32_const(1).op(Op::i32_add);
  count.op(Op::global_set).u32(counter);
  for (uint32_t i = 0; i < params; ++i) hand_over.i64_const(i);
  constexpr uint32_t kFirst = 1, kSecond = 2, kThird = 3;
  module.func({}, WasmBytes().append(count).call(kSecond), {{locals, L}});
  module.func({}, hand_over.append(return_call(kThird)), {{2, L}});
  module.func(wide, through_host ? return_call(host) : WasmBytes().call(kFirst), {{1, L}});
  module.export_("f", ExternKind::Func, kFirst);
  module.export_("count", ExternKind::Func,
                 module.func({{}, {I}}, WasmBytes().op(Op::global_get).u32(counter)));
  return module;
}

TEST(NativeTailCalls, ARecursionEndsAtTheSameDepth) {
  for (const uint32_t params : {0U, 6U, 7U, 40U}) {
    for (const uint32_t locals : {0U, 3U, 508U, 600U}) {
      for (const bool through_host : {false, true}) {
        std::string expected;
        for (const EngineRow& row : kEngines) {
          testing::CompilingWorld world({.stack_bytes = kSmallStack, .fuel = 1'000'000});
          Host host{world};
          world.linker.define_func("host", "back", {}, Host::call_back, &host);
          runtime::Instance& instance =
              world.instantiate(recursion(params, locals, through_host), row.engine);
          host.back = std::get<runtime::Func*>(*instance.find_export("f"));
          std::string all = seen(world, instance, "f", {});
          all += " " + world.result(instance, "count");
          if (expected.empty()) expected = all;
          EXPECT_EQ(all, expected) << row << params << " " << locals << through_host;
          EXPECT_TRUE(all.starts_with("trap: call stack exhausted")) << all;
        }
      }
    }
  }
}

}  // namespace
}  // namespace cordon
