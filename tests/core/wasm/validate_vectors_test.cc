// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors in validation: lanes and alignment by row, and what it says of a function in slots, of
// which a v128 takes two. That rows take and give their types is in validate_func_test.cc.
#include <gtest/gtest.h>

#include "core/wasm/limits.h"
#include "tests/core/wasm/body_module.h"

namespace cordon::wasm {
namespace {

using namespace testing;

constexpr ValType i32 = ValType::i32, i64 = ValType::i64, f64 = ValType::f64, v128 = ValType::v128,
                  funcref = ValType::funcref;

WasmBytes vector() { return WasmBytes().v128_const({1, 2}); }

std::string check(const WasmBytes& code, const FuncType& type = {},
                  const std::vector<Locals>& locals = {}) {
  return verdict_on(type, code, locals).text();
}

struct Lanes {
  const char* text;
  Op op;
  uint32_t lanes;
  bool replaces;
};
const Lanes kLaneRows[] = {
#define LANE(code, ident, text, lanes, sig, feature, kind, effect) \
  {text, Op::ident, lanes, std::string_view(text).find("replace") != std::string_view::npos},
#include "core/wasm/opcodes.def"
};

// In unreachable code, where operands are of any type.
TEST(ValidateVectors, ALaneIsOneThatTheShapeHas) {
  for (const Lanes& row : kLaneRows) {
    const auto with = [&](unsigned lane) {
      return check(
          WasmBytes().op(Op::unreachable).op(row.op).u8(static_cast<uint8_t>(lane)).op(Op::drop));
    };
    EXPECT_EQ(with(row.lanes - 1), "valid") << row.text;
    EXPECT_EQ(with(row.lanes), "invalid_lane_index at 1") << row.text;
    EXPECT_EQ(with(255), "invalid_lane_index at 1") << row.text;
  }
}

struct Access {
  const char* text;
  Op op;
  size_t width;
  bool lane;
};
const Access kAccesses[] = {
#define VECTOR_LOAD(code, ident, text, memory, feature) {text, Op::ident, sizeof(memory), false},
#define VECTOR_STORE(code, ident, text, memory, feature) {text, Op::ident, sizeof(memory), false},
#define LANE_LOAD(code, ident, text, memory, feature) {text, Op::ident, sizeof(memory), true},
#define LANE_STORE(code, ident, text, memory, feature) {text, Op::ident, sizeof(memory), true},
#include "core/wasm/opcodes.def"
};

TEST(ValidateVectors, AlignmentAndLaneOfAccesses) {
  for (const Access& row : kAccesses) {
    const auto with = [&](uint32_t align, uint32_t lane) {
      WasmBytes code = WasmBytes().op(Op::unreachable).access(row.op, 0, align);
      if (row.lane) code.u8(static_cast<uint8_t>(lane));
      return check(code.op(Op::unreachable));
    };
    uint32_t natural = 0;
    while ((size_t{1} << natural) < row.width) ++natural;
    EXPECT_EQ(with(natural, 0), "valid") << row.text;
    EXPECT_EQ(with(natural + 1, 0), "alignment_too_large at 1") << row.text;
    EXPECT_EQ(with(64, 0), "alignment_too_large at 1") << row.text;
    if (!row.lane) continue;
    const auto lanes = static_cast<uint32_t>(16 / row.width);
    EXPECT_EQ(with(natural, lanes - 1), "valid") << row.text;
    EXPECT_EQ(with(natural, lanes), "invalid_lane_index at 1") << row.text;
  }
}

TEST(ValidateVectors, AShuffleChoosesOfThirtyTwoLanes) {
  for (size_t place = 0; place < 16; ++place) {
    const auto with = [&](uint8_t lane) {
      WasmBytes code = WasmBytes().op(Op::unreachable).op(Op::i8x16_shuffle);
      for (size_t i = 0; i < 16; ++i) code.u8(i == place ? lane : uint8_t{0});
      return check(code.op(Op::drop));
    };
    EXPECT_EQ(with(31), "valid");
    EXPECT_EQ(with(32), "invalid_lane_index at 1");
  }
}

TEST(ValidateVectors, HalfAVectorIsNoOperand) {
  EXPECT_EQ(check(vector().op(Op::drop)), "valid");
  EXPECT_EQ(check(vector().op(Op::drop).op(Op::drop)), "type_mismatch at 19");
  EXPECT_EQ(check(vector()), "type_mismatch at 18");
  EXPECT_EQ(check(vector(), {{}, {v128}}), "valid");
  EXPECT_EQ(check(vector(), {{}, {v128, v128}}), "type_mismatch at 18");
  EXPECT_EQ(check(vector(), {{}, {i32, v128}}), "type_mismatch at 18");
  EXPECT_EQ(check(vector().op(Op::i64_eqz), {{}, {i32}}), "type_mismatch at 18");
  EXPECT_EQ(check(WasmBytes().i32_const(0).op(Op::v128_not).op(Op::drop)), "type_mismatch at 2");
  EXPECT_EQ(check(vector().append(vector()).op(Op::v128_and), {{}, {v128}}), "valid");
  EXPECT_EQ(check(vector().i64_const(0).op(Op::v128_and), {{}, {v128}}), "type_mismatch at 20");
}

TEST(ValidateVectors, MessagesNameAVectorOnce) {
  const auto verdict = verdict_on({}, vector().i32_const(0).op(Op::v128_and).op(Op::drop));
  EXPECT_EQ(verdict.error.message().substr(0, 66),
            "type mismatch: expected [v128 v128], found [v128 i32] at offset 0x");
}

TEST(ValidateVectors, InUnreachableCodeOperandsComeFromNowhere) {
  const WasmBytes dead = WasmBytes().op(Op::unreachable);
  EXPECT_EQ(check(WasmBytes(dead).op(Op::v128_and).op(Op::drop)), "valid");
  EXPECT_EQ(check(WasmBytes(dead), {{}, {i32, v128}}), "valid");
  // A value of unknown type may be a vector, and below it another.
  const WasmBytes unknown = WasmBytes(dead).op(Op::select);
  EXPECT_EQ(check(WasmBytes(unknown).op(Op::v128_and).op(Op::drop)), "valid");
  EXPECT_EQ(check(WasmBytes(unknown), {{}, {v128}}), "valid");
  EXPECT_EQ(check(WasmBytes(unknown), {{}, {i32, v128}}), "valid");
  EXPECT_EQ(check(WasmBytes(unknown), {}), "type_mismatch at 2");
  EXPECT_EQ(check(WasmBytes(unknown).append(vector()), {{}, {v128, v128}}), "valid");
  EXPECT_EQ(check(WasmBytes(unknown).append(vector()), {{}, {v128}}), "type_mismatch at 20");
  EXPECT_EQ(check(WasmBytes(unknown).local_set(0), {}, {{1, v128}}), "valid");
  EXPECT_EQ(check(WasmBytes(dead).i32_const(0).local_set(0), {}, {{1, v128}}),
            "type_mismatch at 3");
  EXPECT_EQ(check(WasmBytes(dead).append(vector()).i32_const(0).op(Op::select), {{}, {v128}}),
            "valid");
  EXPECT_EQ(check(WasmBytes(dead).append(vector()).i32_const(0).op(Op::select), {{}, {i32}}),
            "type_mismatch at 22");
}

TEST(ValidateVectors, SelectIsForTwoVectorsToo) {
  const WasmBytes two = vector().append(vector()).i32_const(0);
  EXPECT_EQ(check(WasmBytes(two).op(Op::select), {{}, {v128}}), "valid");
  EXPECT_EQ(check(WasmBytes(two).op(Op::select_t).u32(1).type(v128), {{}, {v128}}), "valid");
  EXPECT_EQ(check(WasmBytes(two).op(Op::select_t).u32(1).type(i64), {{}, {i64}}),
            "type_mismatch at 38");
  EXPECT_EQ(check(vector().i64_const(0).i32_const(0).op(Op::select).op(Op::drop)),
            "type_mismatch at 22");
}

TEST(ValidateVectors, BlocksAndBranchesPassVectors) {
  EXPECT_EQ(check(WasmBytes().block(Op::block, v128).append(vector()).br(0).end(), {{}, {v128}}),
            "valid");
  EXPECT_EQ(check(WasmBytes().block(Op::block, v128).i32_const(0).br(0).end(), {{}, {v128}}),
            "type_mismatch at 4");
  EXPECT_EQ(check(vector()
                      .local_get(0)
                      .block(Op::if_, v128)
                      .append(vector())
                      .op(Op::else_)
                      .append(vector())
                      .end()
                      .op(Op::i8x16_eq),
                  {{i32}, {v128}}),
            "valid");
}

TEST(ValidateVectors, AreCountedInSlots) {
  //   0  i64.const 7
  //   2  v128.const
  //  20  block (result v128)
  //  22    v128.const
  //  40    i32.const 1
  //  42    v128.const
  //  60    br 0               keeps the v128, drops one v128 and an i32 of this block
  const auto body = verdict_on({{}, {v128}}, WasmBytes()
                                                 .i64_const(7)
                                                 .append(vector())
                                                 .block(Op::block, v128)
                                                 .append(vector())
                                                 .i32_const(1)
                                                 .append(vector())
                                                 .br(0)
                                                 .end()
                                                 .op(Op::i8x16_add)
                                                 .br(0));
  ASSERT_TRUE(body.valid()) << body.text();
  const auto table = body.func().side_table();
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table[0].branch.keep, 2U);
  EXPECT_EQ(table[0].branch.drop, 3U);
  EXPECT_EQ(table[1].branch.keep, 2U);
  EXPECT_EQ(table[1].branch.drop, 1U);
  EXPECT_EQ(body.func().max_operands(), 1U + 2 + 2 + 1 + 2);
  EXPECT_EQ(body.func().locals(), 0U);
  EXPECT_TRUE(body.func().has_vectors());
}

// One v128 makes every local take two.
TEST(ValidateVectors, LocalsTakeTwoSlotsWhereOneIsAVector) {
  const auto locals = [](const FuncType& type, const std::vector<Locals>& declared) {
    const auto body = verdict_on(type, {}, declared);
    EXPECT_EQ(body.func().has_vectors(), body.func().locals() != type.params.size());
    return body.func().locals();
  };
  EXPECT_EQ(locals({{i32, i64}, {}}, {}), 2U);
  EXPECT_EQ(locals({{i32, v128}, {}}, {}), 4U);
  EXPECT_EQ(locals({{i32}, {}}, {{2, v128}, {1, f64}}), 8U);
}

TEST(ValidateVectors, WhatMovesAVectorIsListed) {
  //   0  v128.const   18  local.tee 1   20  drop   21  local.get 0   23  drop
  //  24  local.get 1  26  local.get 1   28  i32.const 0   30  select   31  local.set 1
  const auto body = verdict_on({{i32}, {}},
                               vector()
                                   .local_tee(1)
                                   .op(Op::drop)
                                   .local_get(0)
                                   .op(Op::drop)
                                   .local_get(1)
                                   .local_get(1)
                                   .i32_const(0)
                                   .op(Op::select)
                                   .local_set(1),
                               {{1, v128}});
  ASSERT_TRUE(body.valid()) << body.text();
  std::vector<uint32_t> offsets;
  for (const uint32_t offset : body.func().vector_moves()) {
    offsets.push_back(offset - body.body_offset);
  }
  EXPECT_EQ(offsets, (std::vector<uint32_t>{18, 20, 24, 26, 30, 31}));
}

// [L1] Two slots each, so half as many.
TEST(ValidateVectors, OperandsAreLimitedInSlots) {
  const auto many = [](uint32_t count) {
    return check(WasmBytes().repeat(count, WasmBytes().local_get(0)).op(Op::unreachable),
                 {{v128}, {}});
  };
  EXPECT_EQ(many(kMaxOperands / 2), "valid");
  EXPECT_EQ(many(kMaxOperands / 2 + 1).substr(0, 14), "limit_exceeded");
}

TEST(ValidateVectors, AFunctionThatOnlyCallsOneOfVectorsHasThem) {
  ModuleBuilder module;
  const uint32_t source = module.func({{}, {v128}}, vector());
  module.func({}, WasmBytes().call(source).op(Op::drop));
  module.func({}, WasmBytes().op(Op::ref_null).type(funcref).op(Op::drop));
  const auto bytes = module.build();
  auto decoded = decode_module(bytes);
  ASSERT_TRUE(decoded);
  const auto validated = validate_module(std::move(*decoded));
  ASSERT_TRUE(validated);
  EXPECT_TRUE((*validated)->funcs()[1].has_vectors());
  EXPECT_EQ((*validated)->funcs()[1].vector_moves().size(), 1U);
  EXPECT_FALSE((*validated)->funcs()[2].has_vectors());
}

}  // namespace
}  // namespace cordon::wasm
