// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [L1] What a body can ask of validation, at the limit and beyond; and the same result whatever the
// number of threads.
#include <gtest/gtest.h>

#include "core/wasm/limits.h"
#include "core/wasm/validated.h"
#include "tests/core/wasm/body_module.h"
#include "tests/kit/allocation_meter.h"

namespace cordon::wasm {
namespace {

using namespace testing;

constexpr ValType i32 = ValType::i32, i64 = ValType::i64;

WasmBytes repeated(size_t times, const WasmBytes& content) {
  return WasmBytes().repeat(times, content);
}

WasmBytes nested(uint32_t depth) {
  return repeated(depth, WasmBytes().block(Op::block)).append(repeated(depth, WasmBytes().end()));
}

TEST(ValidateLimits, NestedBlocks) {
  EXPECT_EQ(verdict_on({}, nested(kMaxNesting)).text(), "valid");
  const auto refused = verdict_on({}, nested(50'000));
  EXPECT_EQ(refused.text(), "limit_exceeded at " + std::to_string(2 * kMaxNesting));
  EXPECT_EQ(refused.error.kind->klass, DiagnosticClass::Limit);
  EXPECT_NE(refused.error.message().find(std::to_string(kMaxNesting)), std::string::npos);
}

// Every end joins its branches to those of the block around: constant time each.
TEST(ValidateLimits, ManyBranchesOutOfManyBlocks) {
  constexpr uint32_t kBranches = 100'000;
  WasmBytes code = repeated(kMaxNesting, WasmBytes().block(Op::block));
  code.append(repeated(kBranches, WasmBytes().i32_const(0).br_if(0)));
  code.append(repeated(kMaxNesting, WasmBytes().end()));
  code.op(Op::nop);
  const auto body = verdict_on({}, code);
  ASSERT_TRUE(body.valid()) << body.text();
  const auto table = body.func().side_table();
  ASSERT_EQ(table.size(), kBranches);
  const auto nop = static_cast<int32_t>(code.size() - 1);
  EXPECT_EQ(table[0].branch.pc_delta, nop - static_cast<int32_t>(2 * kMaxNesting + 2));
  EXPECT_EQ(table[kBranches - 1].branch.pc_delta, static_cast<int32_t>(kMaxNesting) + 2);
  EXPECT_EQ(table[kBranches - 1].branch.side_delta, 1);
}

TEST(ValidateLimits, Operands) {
  const auto pushed = [](uint32_t count) {
    return repeated(count, WasmBytes().i32_const(0)).op(Op::unreachable);
  };
  const auto most = verdict_on({}, pushed(kMaxOperands));
  ASSERT_TRUE(most.valid()) << most.text();
  EXPECT_EQ(most.func().max_operands(), kMaxOperands);
  EXPECT_EQ(verdict_on({}, pushed(kMaxOperands + 1)).text(),
            "limit_exceeded at " + std::to_string(2 * kMaxOperands));
}

// One instruction goes beyond by as much as it can.
TEST(ValidateLimits, OperandsThatCallsPush) {
  ModuleBuilder builder;
  const std::vector<ValType> many(kMaxResults, i64);
  const uint32_t callee = builder.func({{}, many}, WasmBytes().op(Op::unreachable));
  builder.func({},
               repeated(kMaxOperands / kMaxResults, WasmBytes().call(callee)).op(Op::unreachable));
  const auto good = builder.build();
  EXPECT_TRUE(validate_module(*decode_module(good)));
  builder.func({}, repeated(200'000, WasmBytes().call(callee)).op(Op::unreachable));
  const auto bad = builder.build();
  const auto refused = validate_module(*decode_module(bad));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind->name, "limit_exceeded");
}

// Unreachable code does not hide operands from the limit.
TEST(ValidateLimits, OperandsInUnreachableCode) {
  WasmBytes code;
  code.op(Op::unreachable).append(repeated(kMaxOperands + 1, WasmBytes().i32_const(0)));
  EXPECT_EQ(verdict_on({}, code).text(),
            "limit_exceeded at " + std::to_string(2 * kMaxOperands + 1));
}

TEST(ValidateLimits, LabelsOfABrTable) {
  const auto table = [](uint32_t labels) {
    WasmBytes code;
    code.i32_const(0).op(Op::br_table).u32(labels);
    return code.append(repeated(size_t{labels} + 1, WasmBytes().u32(0)));
  };
  const auto most = verdict_on({}, table(kMaxBrTableSize));
  ASSERT_TRUE(most.valid()) << most.text();
  EXPECT_EQ(most.func().side_table().size(), kMaxBrTableSize + 1);
  EXPECT_EQ(verdict_on({}, table(kMaxBrTableSize + 1)).text(), "limit_exceeded at 3");
  // A count that the bytes cannot hold reserves nothing.
  const AllocationMeter meter;
  WasmBytes hollow;
  hollow.i32_const(0).op(Op::br_table).u32(kMaxBrTableSize);
  EXPECT_EQ(verdict_on({}, hollow).error.kind->klass, DiagnosticClass::Malformed);
  EXPECT_LT(meter.peak(), 1U << 20);
}

// Labels of many results cost little each, also when operands of any type are among them.
TEST(ValidateLimits, WideLabelsOfABrTable) {
  ModuleBuilder builder;
  const std::vector<ValType> many(kMaxResults, i32);
  const auto wide = [&](const WasmBytes& in_front) {
    WasmBytes code;
    code.op(Op::unreachable).append(in_front);
    code.append(repeated(kMaxResults - 1, WasmBytes().i32_const(0)));
    code.i32_const(0).op(Op::br_table).u32(kMaxBrTableSize);
    return code.append(repeated(kMaxBrTableSize + 1, WasmBytes().u32(0)));
  };
  builder.func({{}, many}, wide(WasmBytes().i32_const(0)));
  // select of two unknown operands gives an unknown one
  builder.func({{}, many}, wide(WasmBytes().op(Op::select)));
  const auto bytes = builder.build();
  EXPECT_TRUE(validate_module(*decode_module(bytes)));
}

// Functions of 2^20 br_table labels each, until their side tables together are too large.
std::vector<uint8_t> module_of_labels(uint32_t funcs) {
  constexpr uint32_t kLabels = 1 << 15, kTables = 32;
  WasmBytes table;
  table.i32_const(0)
      .op(Op::br_table)
      .u32(kLabels - 1)
      .append(repeated(kLabels, WasmBytes().u32(0)));
  const WasmBytes code = repeated(kTables, table);
  ModuleBuilder builder;
  for (uint32_t i = 0; i < funcs; ++i) builder.func({}, code);
  return builder.build();
}

TEST(ValidateLimits, SideTablesTogether) {
  constexpr uint32_t kFirstTooMany = kMaxSideEntries >> 20;
  const std::vector<uint8_t> bytes = module_of_labels(kFirstTooMany + 2);
  const Module module = *decode_module(bytes);
  const AllocationMeter meter;
#ifdef CORDON_SANITIZED
  const std::vector<unsigned> counts{4};  // too slow there to do twice
#else
  const std::vector<unsigned> counts{1, 4};
#endif
  for (unsigned threads : counts) {
    const auto refused = validate_module(module, threads);
    ASSERT_FALSE(refused) << threads;
    EXPECT_EQ(refused.error().kind->name, "limit_exceeded");
    EXPECT_EQ(refused.error().offset, module.bodies[kFirstTooMany].code.offset) << threads;
  }
  EXPECT_LT(meter.peak(), size_t{kMaxSideEntries} * sizeof(SideEntry) * 2);
}

// Threads

// Functions that differ; `bad` are those with an error.
std::vector<uint8_t> module_of(uint32_t funcs, const std::vector<uint32_t>& bad) {
  ModuleBuilder builder;
  builder.memory({.min = 1});
  for (uint32_t i = 0; i < funcs; ++i) {
    WasmBytes code;
    code.append(
        repeated(200 + i % 7,
                 WasmBytes().block(Op::loop).local_get(0).access(Op::i32_load, i).br_if(0).end()));
    if (std::ranges::find(bad, i) != bad.end()) code.op(Op::drop);
    builder.func({{i32}, {}}, code);
  }
  return builder.build();
}

constexpr uint32_t kFuncs = 1200;  // in some 40 chunks

TEST(ValidateThreads, SameResultWithEveryNumberOfThreads) {
  const std::vector<uint8_t> bytes = module_of(kFuncs, {});
  const auto one = validate_module(*decode_module(bytes), 1);
  ASSERT_TRUE(one);
  for (unsigned threads : {2U, 4U, 1000U}) {
    const auto many = validate_module(*decode_module(bytes), threads);
    ASSERT_TRUE(many);
    ASSERT_EQ((*many)->funcs().size(), kFuncs);
    for (uint32_t i = 0; i < kFuncs; ++i) {
      const ValidatedFunc& left = (*one)->funcs()[i];
      const ValidatedFunc& right = (*many)->funcs()[i];
      ASSERT_EQ(right.index().value, i);
      ASSERT_EQ(left.max_operands(), right.max_operands());
      ASSERT_EQ(left.entry_fuel(), right.entry_fuel());
      ASSERT_EQ(left.loops(), right.loops());
      const auto bytes_of = [](std::span<const SideEntry> table) {
        return as_text({reinterpret_cast<const uint8_t*>(table.data()), table.size_bytes()});
      };
      ASSERT_EQ(bytes_of(left.side_table()), bytes_of(right.side_table())) << i;
    }
  }
}

TEST(ValidateThreads, TheFirstErrorIsToldWhateverThreadFindsWhich) {
  const std::vector<uint8_t> bytes = module_of(kFuncs, {300, 301, 700, 1199});
  const Module module = *decode_module(bytes);
  const FuncBody& body = module.bodies[300];
  const uint64_t drop = body.code.offset + body.code.size - 2;
  for (int round = 0; round < 3; ++round) {
    for (unsigned threads : {1U, 2U, 4U, 8U}) {
      const auto refused = validate_module(module, threads);
      ASSERT_FALSE(refused);
      ASSERT_EQ(refused.error().offset, drop) << threads;
      ASSERT_EQ(refused.error().kind->name, "type_mismatch");
    }
  }
}

}  // namespace
}  // namespace cordon::wasm
