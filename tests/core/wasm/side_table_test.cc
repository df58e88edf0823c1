// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Side tables of bodies made by hand, entry for entry, and what else validation sums up of a body:
// fuel, operands, locals, loops. The drawings give each instruction's offset in the body and each
// entry's place in the table:
//
//     offset   instruction            entry
//     5        br 0 ----------+       [1]     pc +7: to offset 12; side +2: to entry [3]
#include <gtest/gtest.h>

#include "tests/core/wasm/body_module.h"

namespace cordon::wasm {
namespace {

using namespace testing;

constexpr ValType i32 = ValType::i32, i64 = ValType::i64;

struct Branch {
  int32_t pc, side;
  uint32_t keep = 0, drop = 0;
};

::testing::AssertionResult is_branch(const SideEntry& entry, const Branch& expected) {
  const BranchEntry& branch = entry.branch;
  if (branch.pc_delta == expected.pc && branch.side_delta == expected.side &&
      branch.keep == expected.keep && branch.drop == expected.drop) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << "{" << branch.pc_delta << ", " << branch.side_delta
                                       << ", " << branch.keep << ", " << branch.drop << "}";
}

::testing::AssertionResult is_loop(const SideEntry& entry, uint32_t fuel, uint32_t number) {
  const LoopEntry& loop = entry.loop;
  if (loop.fuel == fuel && loop.loop == number && loop.zero[0] == 0 && loop.zero[1] == 0) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << "fuel " << loop.fuel << ", loop " << loop.loop;
}

constexpr Branch kZero{0, 0, 0, 0};

TEST(SideTable, IfWithoutElse) {
  //   0  i32.const 1
  //     2  if           [0]  false: +5 to 7, after end
  //   4    nop
  //   5    nop
  //   6  end
  //   7  nop
  const auto body = verdict_on(
      {}, WasmBytes().i32_const(1).block(Op::if_).op(Op::nop).op(Op::nop).end().op(Op::nop));
  ASSERT_TRUE(body.valid()) << body.text();
  const auto table = body.func().side_table();
  ASSERT_EQ(table.size(), 1U);
  EXPECT_TRUE(is_branch(table[0], {.pc = 5, .side = 1}));
}

TEST(SideTable, IfAndElse) {
  //   0  i32.const 1
  //     2  if (result i32)   [0]  false: +5 to 7, after else; next entry [2]
  //   4    i32.const 2
  //     6  else              [1]  from the then-part: +6 to 12, after end; next entry [3]
  //   7    i32.const 3
  //   9    br 0            [2]  +3 to 12; keeps the i32
  //  11  end
  //  12  drop
  const auto body = verdict_on({}, WasmBytes()
                                       .i32_const(1)
                                       .block(Op::if_, i32)
                                       .i32_const(2)
                                       .op(Op::else_)
                                       .i32_const(3)
                                       .br(0)
                                       .end()
                                       .op(Op::drop));
  ASSERT_TRUE(body.valid()) << body.text();
  const auto table = body.func().side_table();
  ASSERT_EQ(table.size(), 3U);
  EXPECT_TRUE(is_branch(table[0], {.pc = 5, .side = 2}));
  EXPECT_TRUE(is_branch(table[1], {.pc = 6, .side = 2, .keep = 1}));
  EXPECT_TRUE(is_branch(table[2], {.pc = 3, .side = 1, .keep = 1}));
}

TEST(SideTable, BranchDropsWhatIsBetween) {
  //   0  i64.const 7
  //   2  block (result i32)
  //   4    i64.const 8
  //   6    i64.const 9
  //   8    i32.const 1
  //  10    i32.const 2
  //  12    br_if 0         [0]  +8 to 20; keeps the i32, drops the two i64 of this block
  //  14    drop
  //  15    drop
  //  16    drop
  //  17    i32.const 3
  //  19  end
  //  20  drop
  //  21  drop
  const auto body = verdict_on({}, WasmBytes()
                                       .i64_const(7)
                                       .block(Op::block, i32)
                                       .i64_const(8)
                                       .i64_const(9)
                                       .i32_const(1)
                                       .i32_const(2)
                                       .br_if(0)
                                       .op(Op::drop)
                                       .op(Op::drop)
                                       .op(Op::drop)
                                       .i32_const(3)
                                       .end()
                                       .op(Op::drop)
                                       .op(Op::drop));
  ASSERT_TRUE(body.valid()) << body.text();
  const auto table = body.func().side_table();
  ASSERT_EQ(table.size(), 1U);
  EXPECT_TRUE(is_branch(table[0], {.pc = 8, .side = 1, .keep = 1, .drop = 2}));
}

TEST(SideTable, BranchToALoopLandsBehindItsBlockTypeAndEntry) {
  //   0  i32.const 5
  //   2  loop (param i32) (result i32)   [0]  the loop's own entry
  //   4    i64.const 1                     <- its branches land here, at entry [1]
  //   6    i32.const 6
  //   8    i32.const 0
  //  10    br_if 0                       [1]  -6 to 4; keeps the parameter, drops the i64 and the
  //  12    drop                               loop's former parameter
  //  13    drop
  //  14  end
  const auto body = verdict_on({{}, {i32}}, WasmBytes()
                                                .i32_const(5)
                                                .block_of_type(Op::loop, 2)
                                                .i64_const(1)
                                                .i32_const(6)
                                                .i32_const(0)
                                                .br_if(0)
                                                .op(Op::drop)
                                                .op(Op::drop)
                                                .end());
  ASSERT_TRUE(body.valid()) << body.text();
  const auto table = body.func().side_table();
  ASSERT_EQ(table.size(), 2U);
  // i64.const, i32.const, i32.const, br_if, drop, drop
  EXPECT_TRUE(is_loop(table[0], 6, 0));
  EXPECT_TRUE(is_branch(table[1], {.pc = -6, .side = 0, .keep = 1, .drop = 2}));
}

TEST(SideTable, BrTableHasOneEntryALabelTheDefaultLast) {
  //   0  loop              [0]
  //   2    block
  //   4      i32.const 9
  //   6      i32.const 1
  //   8      br_table 0 1 2 1   [1] [2] [3] [4]   all from offset 8
  //  14    end
  //  15    nop
  //  16  end
  //  17  end                    of the function
  const auto body = verdict_on({}, WasmBytes()
                                       .block(Op::loop)
                                       .block(Op::block)
                                       .i32_const(9)
                                       .i32_const(1)
                                       .op(Op::br_table)
                                       .u32(3)
                                       .u32(0)
                                       .u32(1)
                                       .u32(2)
                                       .u32(1)
                                       .end()
                                       .op(Op::nop)
                                       .end());
  ASSERT_TRUE(body.valid()) << body.text();
  const auto table = body.func().side_table();
  ASSERT_EQ(table.size(), 5U);
  EXPECT_TRUE(is_loop(table[0], 5, 0));
  EXPECT_TRUE(is_branch(table[1], {.pc = 7, .side = 4, .drop = 1}));    // to 15
  EXPECT_TRUE(is_branch(table[2], {.pc = -6, .side = -1, .drop = 1}));  // to 2
  EXPECT_TRUE(is_branch(table[3], {.pc = 9, .side = 2, .drop = 1}));    // to 17
  EXPECT_TRUE(is_branch(table[4], {.pc = -6, .side = -3, .drop = 1}));
}

TEST(SideTable, BranchesOutOfTheFunctionLandOnItsLastEnd) {
  //   0  i64.const 1
  //   2  i32.const 2
  //   4  block
  //   6    i64.const 0
  //   8    i32.const 3
  //  10    i32.const 4
  //  12    br_if 1         [0]  +5 to 17; keeps the block's two, drops the two outside
  //  14    drop
  //  15    drop
  //  16  end
  //  17  end                    the function's
  const auto body = verdict_on({{}, {i64, i32}}, WasmBytes()
                                                     .i64_const(1)
                                                     .i32_const(2)
                                                     .block(Op::block)
                                                     .i64_const(0)
                                                     .i32_const(3)
                                                     .i32_const(4)
                                                     .br_if(1)
                                                     .op(Op::drop)
                                                     .op(Op::drop)
                                                     .end());
  ASSERT_TRUE(body.valid()) << body.text();
  const auto table = body.func().side_table();
  ASSERT_EQ(table.size(), 1U);
  EXPECT_TRUE(is_branch(table[0], {.pc = 5, .side = 1, .keep = 2, .drop = 2}));
}

TEST(SideTable, EndsThatFollowAreSkippedUpToTheFunctionsOwn) {
  //   0  block
  //   2    block
  //   4      i32.const 0
  //   6      if             [0]  false: +7 to 13
  //   8        br 0         [1]  +5 to 13
  //  10      end
  //  11    end
  //  12  end
  //  13  nop
  const auto chain = [](bool with_nop) {
    WasmBytes code;
    code.block(Op::block).block(Op::block).i32_const(0).block(Op::if_).br(0).end().end().end();
    if (with_nop) code.op(Op::nop);
    return code;
  };
  const auto body = verdict_on({}, chain(true));
  ASSERT_TRUE(body.valid()) << body.text();
  ASSERT_EQ(body.func().side_table().size(), 2U);
  EXPECT_TRUE(is_branch(body.func().side_table()[0], {.pc = 7, .side = 2}));
  EXPECT_TRUE(is_branch(body.func().side_table()[1], {.pc = 5, .side = 1}));
  // Without the nop offset 13 is the function's end: landed on, not skipped.
  const auto at_end = verdict_on({}, chain(false));
  ASSERT_TRUE(at_end.valid()) << at_end.text();
  EXPECT_TRUE(is_branch(at_end.func().side_table()[0], {.pc = 7, .side = 2}));
  EXPECT_TRUE(is_branch(at_end.func().side_table()[1], {.pc = 5, .side = 1}));
}

TEST(SideTable, EveryBranchToOneEndIsFixed) {
  //   0  block
  //   2    block
  //   4      i32.const 0
  //   6      br_if 1      [0]  +17 to 23
  //   8      i32.const 0
  //  10      br_if 0      [1]  +7 to 17
  //  12      i32.const 0
  //  14      br_if 1      [2]  +9 to 23
  //  16    end
  //  17    i32.const 0
  //  19    br_if 0        [3]  +4 to 23
  //  21    nop
  //  22  end
  //  23  nop
  const auto body = verdict_on({}, WasmBytes()
                                       .block(Op::block)
                                       .block(Op::block)
                                       .i32_const(0)
                                       .br_if(1)
                                       .i32_const(0)
                                       .br_if(0)
                                       .i32_const(0)
                                       .br_if(1)
                                       .end()
                                       .i32_const(0)
                                       .br_if(0)
                                       .op(Op::nop)
                                       .end()
                                       .op(Op::nop));
  ASSERT_TRUE(body.valid()) << body.text();
  const auto table = body.func().side_table();
  ASSERT_EQ(table.size(), 4U);
  EXPECT_TRUE(is_branch(table[0], {.pc = 17, .side = 4}));
  EXPECT_TRUE(is_branch(table[1], {.pc = 7, .side = 2}));
  EXPECT_TRUE(is_branch(table[2], {.pc = 9, .side = 2}));
  EXPECT_TRUE(is_branch(table[3], {.pc = 4, .side = 1}));
}

TEST(SideTable, OwnersInUnreachableCodeHaveTheirEntriesAndTheyAreZero) {
  //   0  block
  //   2    br 0              [0]  +20 to 22
  //   4    loop              [1]  zero; so are all up to the end of the block
  //   6      i32.const 0
  //   8      if              [2]
  //  10        br 1          [3]
  //  12      else            [4]
  //  13        i32.const 0
  //  15        br_table 0 1  [5] [6]
  //  19      end
  //  20    end
  //  21  end
  //  22  loop                [7]  the second loop all the same
  //  24    i32.const 0
  //  26    br_if 0           [8]  -2 to 24
  //  28  end
  const auto body = verdict_on({}, WasmBytes()
                                       .block(Op::block)
                                       .br(0)
                                       .block(Op::loop)
                                       .i32_const(0)
                                       .block(Op::if_)
                                       .br(1)
                                       .op(Op::else_)
                                       .i32_const(0)
                                       .op(Op::br_table)
                                       .u32(1)
                                       .u32(0)
                                       .u32(1)
                                       .end()
                                       .end()
                                       .end()
                                       .block(Op::loop)
                                       .i32_const(0)
                                       .br_if(0)
                                       .end());
  ASSERT_TRUE(body.valid()) << body.text();
  const auto table = body.func().side_table();
  ASSERT_EQ(table.size(), 9U);
  EXPECT_TRUE(is_branch(table[0], {.pc = 20, .side = 7}));
  for (size_t i = 1; i <= 6; ++i) EXPECT_TRUE(is_branch(table[i], kZero)) << i;
  EXPECT_TRUE(is_loop(table[7], 2, 1));
  EXPECT_TRUE(is_branch(table[8], {.pc = -2, .side = 0}));
  EXPECT_EQ(body.func().loops(), 2U);
}

TEST(SideTable, ThenPartThatDoesNotReachItsEnd) {
  //   0  i32.const 1
  //   2  if        [0]  false: +5 to 7
  //   4    br 0    [1]  +5 to 9
  //   6  else      [2]  not reached from above: zero
  //   7    nop
  //   8  end
  //   9  nop
  const auto body = verdict_on(
      {},
      WasmBytes().i32_const(1).block(Op::if_).br(0).op(Op::else_).op(Op::nop).end().op(Op::nop));
  ASSERT_TRUE(body.valid()) << body.text();
  const auto table = body.func().side_table();
  ASSERT_EQ(table.size(), 3U);
  EXPECT_TRUE(is_branch(table[0], {.pc = 5, .side = 3}));
  EXPECT_TRUE(is_branch(table[1], {.pc = 5, .side = 2}));
  EXPECT_TRUE(is_branch(table[2], kZero));
}

TEST(SideTable, TablesOfOtherFunctionsAreApart) {
  ModuleBuilder builder;
  WasmBytes code;
  code.i32_const(1).block(Op::if_).end();
  builder.func({}, code);
  builder.func({}, {});
  builder.func({}, WasmBytes(code).append(code));
  const auto bytes = builder.build();
  auto validated = validate_module(*decode_module(bytes));
  ASSERT_TRUE(validated);
  const auto funcs = (*validated)->funcs();
  ASSERT_EQ(funcs.size(), 3U);
  EXPECT_EQ(funcs[0].side_table().size(), 1U);
  EXPECT_EQ(funcs[1].side_table().size(), 0U);
  ASSERT_EQ(funcs[2].side_table().size(), 2U);
  EXPECT_TRUE(is_branch(funcs[2].side_table()[0], {.pc = 3, .side = 1}));
  EXPECT_TRUE(is_branch(funcs[2].side_table()[1], {.pc = 3, .side = 1}));
}

// Fuel

TEST(Fuel, StraightCodeCostsItsOpcodesWithoutEndAndElse) {
  const auto body = verdict_on({}, WasmBytes()
                                       .i32_const(1)
                                       .block(Op::if_)
                                       .op(Op::nop)
                                       .op(Op::else_)
                                       .op(Op::nop)
                                       .op(Op::nop)
                                       .end());
  ASSERT_TRUE(body.valid()) << body.text();
  // i32.const, if, nop, nop, nop
  EXPECT_EQ(body.func().entry_fuel(), 5U);
  EXPECT_EQ(verdict_on({}, {}).func().entry_fuel(), 0U);
}

TEST(Fuel, LoopsCostARoundWithoutTheirInnerLoops) {
  //  nop; loop { nop nop; loop { nop nop nop } nop; loop { } } nop nop
  const auto body = verdict_on({}, WasmBytes()
                                       .op(Op::nop)
                                       .block(Op::loop)
                                       .op(Op::nop)
                                       .op(Op::nop)
                                       .block(Op::loop)
                                       .op(Op::nop)
                                       .op(Op::nop)
                                       .op(Op::nop)
                                       .end()
                                       .op(Op::nop)
                                       .block(Op::loop)
                                       .end()
                                       .end()
                                       .op(Op::nop)
                                       .op(Op::nop));
  ASSERT_TRUE(body.valid()) << body.text();
  const auto table = body.func().side_table();
  ASSERT_EQ(table.size(), 3U);
  EXPECT_EQ(body.func().entry_fuel(), 4U);  // nop, loop, nop, nop
  EXPECT_TRUE(is_loop(table[0], 5, 0));     // three nops, two loops
  EXPECT_TRUE(is_loop(table[1], 3, 1));
  EXPECT_TRUE(is_loop(table[2], 0, 2));
  EXPECT_EQ(body.func().loops(), 3U);
}

TEST(Fuel, UnreachableInstructionsCountToo) {
  const auto body =
      verdict_on({}, WasmBytes().op(Op::unreachable).op(Op::nop).block(Op::loop).op(Op::nop).end());
  ASSERT_TRUE(body.valid()) << body.text();
  EXPECT_EQ(body.func().entry_fuel(), 3U);
}

// Frames

TEST(Frame, OperandsAreCountedAtTheirHighest) {
  const auto highest = [](const WasmBytes& code) {
    const auto body = verdict_on({}, code);
    EXPECT_TRUE(body.valid()) << body.text();
    return body.valid() ? body.func().max_operands() : 0;
  };
  EXPECT_EQ(highest({}), 0U);
  EXPECT_EQ(highest(WasmBytes().i32_const(0).op(Op::drop)), 1U);
  EXPECT_EQ(highest(WasmBytes().i32_const(0).i64_const(0).i32_const(0).op(Op::drop).op(Op::drop).op(
                Op::drop)),
            3U);
  // Those below a block count with those in it.
  EXPECT_EQ(highest(WasmBytes()
                        .i32_const(0)
                        .block(Op::block)
                        .i32_const(0)
                        .i32_const(0)
                        .op(Op::drop)
                        .op(Op::drop)
                        .end()
                        .op(Op::drop)),
            3U);
  // What a call gives, and what a block gives whose body never ends.
  EXPECT_EQ(highest(WasmBytes().op(Op::memory_size).u8(0).op(Op::drop)), 1U);
  EXPECT_EQ(highest(WasmBytes()
                        .i32_const(0)
                        .i32_const(0)
                        .block_of_type(Op::block, 3)
                        .op(Op::unreachable)
                        .end()
                        .op(Op::drop)
                        .op(Op::drop)),
            2U);
}

TEST(Frame, LocalsAreParametersAndDeclaredOnes) {
  const auto body = verdict_on({{i32, i64}, {}}, {}, {{3, ValType::f32}, {4, ValType::funcref}});
  ASSERT_TRUE(body.valid()) << body.text();
  EXPECT_EQ(body.func().locals(), 9U);
  EXPECT_EQ(body.func().index().value, 1U);
  EXPECT_EQ(body.func().type(), (FuncType{{i32, i64}, {}}));
  EXPECT_EQ(body.func().body().code.size, 1U);
}

}  // namespace
}  // namespace cordon::wasm
