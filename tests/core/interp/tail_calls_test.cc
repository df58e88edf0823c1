// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tail calls: any number of them takes no more stack than one; the operands of the function that
// ends are gone; and the callee may be anything that can be called.
#include "tests/kit/tail_calls.h"

#include <gtest/gtest.h>

#include "core/interp/interpreter.h"
#include "tests/kit/world.h"

namespace cordon::interp {
namespace {

using testing::countdown;
using testing::Guest;
using testing::kSmallStack;
using testing::ModuleBuilder;
using testing::return_call;
using testing::return_call_indirect;
using testing::WasmBytes;
using testing::World;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;
using Slots = std::vector<uint64_t>;

constexpr ValType I = ValType::i32;
constexpr ValType L = ValType::i64;

constexpr uint64_t kMany = testing::kManyTailCalls;

TEST(TailCalls, AHundredMillionInALoopTakeOneFrame) {
  ModuleBuilder module;
  module.func({{I}, {I}}, countdown(return_call(1)));
  module.func({{I}, {I}}, countdown(return_call(0)), {{7, L}});
  module.export_("f", ExternKind::Func, 0);
  World world({.stack_bytes = kSmallStack});
  EXPECT_EQ(Guest(world, module).call("f", {kMany}).results, Slots{42});
}

// Each calls the other by a table that both have. `through`: how the first is called, so that what
// returns to it is in its own instance, or it is the bottom of a run.
TEST(TailCalls, AHundredMillionBetweenTwoInstancesTakeOneFrame) {
  World world({.stack_bytes = kSmallStack});
  ModuleBuilder owner;
  const uint32_t type = owner.type({{I}, {I}});
  owner.table({ValType::funcref, {2}});
  owner.export_("table", ExternKind::Table, 0);
  const uint32_t ping = owner.func(
      {{I}, {I}}, countdown(WasmBytes().i32_const(1).append(return_call_indirect(type))));
  owner.elem(0, {ping});
  owner.export_("f", ExternKind::Func, ping);
  owner.export_(
      "within", ExternKind::Func,
      owner.func({{I}, {I}}, WasmBytes().local_get(0).call(ping).i32_const(1).op(Op::i32_add)));
  const Guest first(world, owner);
  world.linker.define_instance("owner", first.instance());
  ModuleBuilder other;
  const uint32_t other_type = other.type({{I}, {I}});
  other.import_table("owner", "table", {ValType::funcref, {2}});
  other.elem(1, {other.func({{I}, {I}}, countdown(WasmBytes().i32_const(0).append(
                                            return_call_indirect(other_type))))});
  const Guest second(world, other);
  EXPECT_EQ(first.call("f", {kMany / 2}).results, Slots{42});
  EXPECT_EQ(first.call("within", {kMany / 2}).results, Slots{43});
  EXPECT_EQ(first.call("within", {kMany / 2 + 1}).results, Slots{43});
}

// The arguments of the callee are more than the caller has locals, or fewer, and what else the
// caller had on its stack is of no account.
TEST(TailCalls, ALargerWindowLeavesTheCallersCallerAlone) {
  for (const uint32_t params : {0u, 1u, 9u, 300u}) {
    ModuleBuilder module;
    WasmBytes sum, pass, call;
    sum.i64_const(1);
    for (uint32_t i = 0; i < params; ++i) sum.local_get(i).op(Op::i64_add);
    const uint32_t wide =
        module.func({std::vector<ValType>(params, L), {L, L}}, sum.i64_const(5), {{3, L}});
    pass.i64_const(-7).i64_const(-8);
    for (uint32_t i = 0; i < params; ++i) pass.local_get(0);
    const uint32_t narrow = module.func({{L}, {L, L}}, pass.append(return_call(wide)));
    call.i64_const(1000).local_get(0).call(narrow).op(Op::i64_add).op(Op::i64_add);
    module.export_("f", ExternKind::Func, module.func({{L}, {L}}, call));
    World world;
    EXPECT_EQ(Guest(world, module).call("f", {3}).results, Slots{1000 + 1 + 3 * params + 5})
        << params;
  }
}

Trap nine(void*, runtime::HostCall&, const uint64_t* args, uint64_t* results) {
  const uint64_t first = args[0];
  for (uint64_t i = 0; i < 9; ++i) results[i] = first + i;
  return Trap::none;
}

TEST(TailCalls, OfTheHostGiveItsResults) {
  const std::vector<ValType> results(9, L);
  ModuleBuilder module;
  const uint32_t host = module.import_func("host", "nine", {{L}, results});
  const uint32_t f =
      module.func({{L}, results}, WasmBytes().local_get(0).append(return_call(host)));
  WasmBytes sum;
  sum.i64_const(1).local_get(0).call(f);
  for (int i = 0; i < 9; ++i) sum.op(Op::i64_add);
  module.export_("f", ExternKind::Func, module.func({{L}, {L}}, sum));
  World world;
  world.linker.define_func("host", "nine", {{L}, results}, nine, nullptr);
  EXPECT_EQ(Guest(world, module).call("f", {10}).results, Slots{1 + 90 + 36});
}

TEST(TailCalls, ByATableRefuseWhatACallDoes) {
  ModuleBuilder module;
  const uint32_t type = module.type({{}, {I}});
  module.table({ValType::funcref, {3}});
  module.elem(1, {module.func({{}, {I}}, WasmBytes().i32_const(6)),
                  module.func({{}, {L}}, WasmBytes().i64_const(7))});
  module.export_(
      "f", ExternKind::Func,
      module.func({{I}, {I}}, WasmBytes().local_get(0).append(return_call_indirect(type))));
  World world;
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("f", {0}).trap, Trap::uninitialized_element);
  EXPECT_EQ(guest.call("f", {1}).results, Slots{6});
  EXPECT_EQ(guest.call("f", {2}).trap, Trap::indirect_call_type_mismatch);
  EXPECT_EQ(guest.call("f", {3}).trap, Trap::undefined_element);
}

// [S1] [D1] The frame that ends is given back before the next is checked; a trap is the callee's,
// and the function that called it is in no trace.
TEST(TailCalls, CheckTheStackAsIfTheCalleeHadBeenCalledByTheCaller) {
  ModuleBuilder module;
  const uint32_t large = module.func({{}, {I}}, WasmBytes().i32_const(1), {{5000, L}});
  const uint32_t small = module.func({{}, {I}}, return_call(large), {{3000, L}});
  module.export_("f", ExternKind::Func, module.func({{}, {I}}, WasmBytes().call(small)));
  const uint64_t frame = 5000 * 8;
  for (const uint64_t stack : {frame - 1000, frame + 1000}) {
    World world({.stack_bytes = stack});
    const Guest guest(world, module);
    const auto returned = guest.call("f");
    if (stack > frame) {
      EXPECT_EQ(returned.results, Slots{1});
    } else {
      EXPECT_EQ(returned.trap, Trap::call_stack_exhausted);
      EXPECT_EQ(world.execution.trace.size(), 2u);
      EXPECT_EQ(world.execution.trace[0].func->index, large);
      EXPECT_EQ(world.execution.trace[1].func->index, 2u);
    }
  }
}

TEST(TailCalls, ChargeTheFuelOfWhatTheyEnter) {
  ModuleBuilder module;
  module.export_("f", ExternKind::Func, module.func({{I}, {I}}, countdown(return_call(0))));
  constexpr int64_t kRound = 9;  // all instructions of the body but `end`
  World world({.fuel = 11 * kRound});
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("f", {10}).results, Slots{42});
  EXPECT_EQ(world.execution.fuel, 0);
  world.execution.fuel = 11 * kRound - 1;
  EXPECT_EQ(guest.call("f", {10}).trap, Trap::fuel_exhausted);
  EXPECT_EQ(world.execution.trace.size(), 1u);
}

}  // namespace
}  // namespace cordon::interp
