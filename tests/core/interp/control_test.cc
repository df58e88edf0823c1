// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks and branches: where they go and which operands go along, with operands in registers and in
// memory, in shortest and in padded encodings.
#include <gtest/gtest.h>

#include "tests/kit/world.h"

namespace cordon::interp {
namespace {

using testing::Guest;
using testing::Locals;
using testing::ModuleBuilder;
using testing::Returned;
using testing::WasmBytes;
using testing::World;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;
using Slots = std::vector<uint64_t>;

constexpr ValType I = ValType::i32;

// Calls the one function of a module.
Slots run(const wasm::FuncType& type, const WasmBytes& code, Slots args,
          const std::vector<Locals>& locals = {}) {
  ModuleBuilder module;
  module.export_("f", ExternKind::Func, module.func(type, code, locals));
  World world;
  const Returned back = Guest(world, module).call("f", std::move(args));
  EXPECT_EQ(back.trap, Trap::none);
  return back.results;
}

TEST(Control, ABranchOutOfABlockDropsWhatLiesUnderItsResult) {
  for (uint32_t below = 0; below <= 4; ++below) {
    WasmBytes code;
    code.i32_const(1000).block(Op::block, I);
    for (uint32_t i = 0; i < below; ++i) code.i32_const(static_cast<int32_t>(i));
    code.i32_const(7).br(0).end().op(Op::i32_add);
    EXPECT_EQ(run({{}, {I}}, code, {}), Slots{1007}) << below;
  }
}

TEST(Control, ABranchNotTakenLeavesTheOperandsAlone) {
  WasmBytes code;
  code.block(Op::block, I).i32_const(1).i32_const(2).i32_const(3).local_get(0).br_if(0);
  code.op(Op::i32_sub).op(Op::i32_sub).end();
  EXPECT_EQ(run({{I}, {I}}, code, {0}), Slots{2}) << "1 - (2 - 3)";
  EXPECT_EQ(run({{I}, {I}}, code, {1}), Slots{3});
  EXPECT_EQ(run({{I}, {I}}, code, {0x80000000}), Slots{3});
}

TEST(Control, ABranchOutOfTheFunctionReturns) {
  WasmBytes code;
  code.i32_const(5).i32_const(6).i32_const(7).local_get(0).op(Op::i32_add).br(0);
  EXPECT_EQ(run({{I}, {I}}, code, {1}), Slots{8});
}

TEST(Control, ManyResultsKeepTheirOrder) {
  const wasm::FuncType type{{I}, {I, I, I, I}};
  WasmBytes code;
  code.i32_const(9).i32_const(1).i32_const(2).i32_const(3).local_get(0).op(Op::return_);
  EXPECT_EQ(run(type, code, {4}), (Slots{1, 2, 3, 4}));
  WasmBytes falls;
  falls.i32_const(1).i32_const(2).i32_const(3).local_get(0);
  EXPECT_EQ(run(type, falls, {4}), (Slots{1, 2, 3, 4}));
}

TEST(Control, BlocksWithParametersAndResults) {
  ModuleBuilder module;
  const uint32_t swap = module.type({{I, I}, {I, I}});
  WasmBytes code;
  code.local_get(0).local_get(1).local_get(2).block_of_type(Op::if_, swap);
  code.local_set(0).local_set(1).local_get(0).local_get(1);
  code.op(Op::else_).op(Op::drop).i32_const(99).end();
  module.export_("f", ExternKind::Func, module.func({{I, I, I}, {I, I}}, code));
  World world;
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("f", {1, 2, 1}).results, (Slots{2, 1}));
  EXPECT_EQ(guest.call("f", {1, 2, 0}).results, (Slots{1, 99}));
}

TEST(Control, ALoopTakesItsParametersAlongAndDropsTheRest) {
  ModuleBuilder module;
  const uint32_t type = module.type({{I, I}, {I}});
  // (sum, n): adds n to sum and counts n down to 0, each round leaving something below.
  WasmBytes code;
  code.i32_const(0).local_get(0).block_of_type(Op::loop, type).local_set(1).local_set(2);
  code.i32_const(77).local_get(2).local_get(1).op(Op::i32_add);
  code.local_get(1).i32_const(1).op(Op::i32_sub).local_tee(1).local_get(1).br_if(0);
  code.op(Op::drop).local_set(2).op(Op::drop).local_get(2).end();
  module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code, {{2, I}}));
  World world;
  EXPECT_EQ(Guest(world, module).call("f", {100}).results, Slots{5050});
}

TEST(Control, IfWithoutElse) {
  WasmBytes code;
  code.local_get(0).block(Op::if_).i32_const(5).local_set(0).end().local_get(0);
  EXPECT_EQ(run({{I}, {I}}, code, {1}), Slots{5});
  EXPECT_EQ(run({{I}, {I}}, code, {0}), Slots{0});
}

TEST(Control, BrTableTakesItsLabelOrTheDefault) {
  WasmBytes code;
  code.block(Op::block, I).block(Op::block, I).block(Op::block, I);
  code.i32_const(50).i32_const(10).local_get(0);
  code.op(Op::br_table).u32(2).u32(0).u32(1).u32(2);
  code.end().i32_const(1).op(Op::i32_add).end().i32_const(2).op(Op::i32_add).end();
  for (auto [index, result] : std::initializer_list<std::pair<uint64_t, uint64_t>>{
           {0, 13}, {1, 12}, {2, 10}, {3, 10}, {0x7fffffff, 10}, {0xffffffff, 10}}) {
    EXPECT_EQ(run({{I}, {I}}, code, {index}), Slots{result}) << index;
  }
}

TEST(Control, BrTableBehindWhichCodeGoesOnFindsItsSideEntries) {
  WasmBytes code;
  code.block(Op::loop);
  code.block(Op::block).block(Op::block).local_get(0);
  code.op(Op::br_table).u32(3).u32(0).u32(1).u32(1).u32(1).end();
  code.local_get(1).i32_const(1).op(Op::i32_add).local_set(1).i32_const(1).local_set(0).br(1);
  code.end();
  code.local_get(1).i32_const(10).op(Op::i32_add).local_set(1).end().local_get(1);
  EXPECT_EQ(run({{I}, {I}}, code, {0}, {{1, I}}), Slots{11});
  EXPECT_EQ(run({{I}, {I}}, code, {1}, {{1, I}}), Slots{10});
}

TEST(Control, SelectTakesTheFirstOnlyForACondition) {
  for (uint32_t under = 0; under <= 3; ++under) {
    WasmBytes code;
    for (uint32_t i = 0; i < under; ++i) code.i32_const(0);
    code.i32_const(1).i32_const(2).local_get(0).op(Op::select);
    for (uint32_t i = 0; i < under; ++i) code.op(Op::i32_or);
    EXPECT_EQ(run({{I}, {I}}, code, {0}), Slots{2});
    EXPECT_EQ(run({{I}, {I}}, code, {0x80000000}), Slots{1});
  }
}

// LEB128 with more bytes than needed, which the format allows.
WasmBytes padded(uint8_t value) {
  return {static_cast<uint8_t>(value | 0x80), 0x80, 0x80, 0x80, 0x00};
}

TEST(Control, PaddedImmediatesMeanTheSame) {
  ModuleBuilder module;
  module.memory({1});
  const uint32_t type = module.type({{I}, {I}});
  const uint32_t gives = module.type({{}, {I}});
  const uint32_t table = module.table({ValType::funcref, {2}});
  const uint32_t global = module.global({I, true}, WasmBytes().i32_const(40));
  const uint32_t twice =
      module.func({{I}, {I}}, WasmBytes().local_get(0).local_get(0).op(Op::i32_add));
  module.elem(0, {twice});
  WasmBytes code;
  code.op(Op::block).append(padded(static_cast<uint8_t>(gives)));
  code.op(Op::local_get).append(padded(0)).op(Op::local_tee).append(padded(1));
  code.op(Op::call).append(padded(static_cast<uint8_t>(twice)));
  code.i32_const(0).op(Op::call_indirect).append(padded(static_cast<uint8_t>(type)));
  code.append(padded(static_cast<uint8_t>(table)));
  code.op(Op::global_get).append(padded(static_cast<uint8_t>(global))).op(Op::i32_add);
  code.op(Op::local_set).append(padded(1));
  code.i32_const(8).local_get(1).op(Op::i32_store).append({0x82, 0x00}).append(padded(4));
  code.op(Op::i32_const).append({0x88, 0x80, 0x00}).op(Op::i32_load8_u).append(padded(0));
  code.append(padded(4));
  code.local_get(1).op(Op::i32_const).append({0xff, 0x7f}).op(Op::i32_ne);
  code.op(Op::br_if).append(padded(0)).end();
  module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code, {{1, I}}));
  World world;
  EXPECT_EQ(Guest(world, module).call("f", {5}).results, Slots{60});
}

TEST(Control, ConstantsOfEveryLength) {
  for (int64_t value : {0l, 63l, -64l, 64l, -65l, 8191l, -8193l, 1l << 27, -(1l << 27), 2147483647l,
                        -2147483648l}) {
    WasmBytes narrow, wide;
    narrow.i32_const(static_cast<int32_t>(value));
    wide.i64_const(value);
    EXPECT_EQ(run({{}, {I}}, narrow, {}), Slots{static_cast<uint32_t>(value)});
    EXPECT_EQ(run({{}, {ValType::i64}}, wide, {}), Slots{static_cast<uint64_t>(value)});
  }
  for (int64_t value : {INT64_MAX, INT64_MIN, 1l << 40, -(1l << 48)}) {
    EXPECT_EQ(run({{}, {ValType::i64}}, WasmBytes().i64_const(value), {}),
              Slots{static_cast<uint64_t>(value)});
  }
}

// Done at once where it begins a statement, so with every constant that may and may not be.
TEST(Control, RoomOnAStackInAGlobalIsASubtraction) {
  for (int32_t size : {0, 1, 63, -1, -64, 64, -65, 100000}) {
    for (int32_t top : {65536, 0, INT32_MIN}) {
      ModuleBuilder module;
      module.global({I, true}, WasmBytes().i32_const(top));
      WasmBytes code;
      code.op(Op::global_get).u32(0).i32_const(size).op(Op::i32_sub).op(Op::global_set).u32(0);
      code.op(Op::global_get).u32(0).i32_const(size).op(Op::i32_add);
      module.export_("f", ExternKind::Func, module.func({{}, {I}}, code));
      World world;
      const Guest guest(world, module);
      EXPECT_EQ(guest.call("f").results, Slots{static_cast<uint32_t>(top)});
      EXPECT_EQ(*guest.instance().global_cells[0],
                static_cast<uint32_t>(top) - static_cast<uint32_t>(size));
    }
  }
}

// The whole of such a beginning and end, whose instructions are done at once if all immediates are
// short: with each of them padded, so that each run of them is broken off at each place.
TEST(Control, ABeginningAndAnEndMeanTheSameWhereverTheyAreBrokenOff) {
  constexpr unsigned kImmediates = 17;
  for (unsigned long_one = 0; long_one <= kImmediates; ++long_one) {
    unsigned number = 0;
    WasmBytes code;
    const auto imm = [&](uint8_t value) {
      code.append(number++ == long_one ? padded(value) : WasmBytes().u8(value));
    };
    const auto op = [&](Op ident, uint8_t value) { code.op(ident), imm(value); };
    const auto access = [&](Op ident, uint8_t offset) { code.op(ident), imm(2), imm(offset); };
    op(Op::global_get, 0), op(Op::i32_const, 16), code.op(Op::i32_sub), op(Op::local_tee, 1);
    op(Op::local_get, 0), access(Op::i32_store, 12);
    op(Op::local_get, 1), op(Op::global_set, 0);
    op(Op::local_get, 1), op(Op::local_get, 1), access(Op::i32_load, 12);
    access(Op::i32_store, 8);
    op(Op::local_get, 1), op(Op::i32_const, 16), code.op(Op::i32_add), op(Op::global_set, 0);
    ASSERT_EQ(number, kImmediates);
    ModuleBuilder module;
    module.custom("room to look ahead", WasmBytes());
    module.memory({1});
    module.global({I, true}, WasmBytes().i32_const(1024));
    module.export_("f", ExternKind::Func, module.func({{I}, {I}}, code.local_get(1), {{1, I}}));
    World world;
    const Guest guest(world, module);
    EXPECT_EQ(guest.call("f", {77}).results, Slots{1008}) << "immediate " << long_one;
    EXPECT_EQ(*guest.instance().global_cells[0], 1024u);
    EXPECT_EQ(guest.instance().memory0()->base()[1008 + 8], 77);
    EXPECT_EQ(guest.instance().memory0()->base()[1008 + 12], 77);
  }
}

TEST(Control, OperandsBeyondTheRegistersComeBackInOrder) {
  WasmBytes code;
  for (int i = 1; i <= 9; ++i) code.i32_const(i);
  for (int i = 1; i <= 8; ++i) code.op(Op::i32_sub);
  EXPECT_EQ(run({{}, {I}}, code, {}), Slots{5}) << "1-(2-(3-(4-(5-(6-(7-(8-9)))))))";
}

}  // namespace
}  // namespace cordon::interp
