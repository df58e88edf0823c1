// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each typing rule, kept and broken. Errors are compared with their offset, which is that of the
// instruction that breaks the rule.
#include <gtest/gtest.h>

#include "core/wasm/signature.h"
#include "core/wasm/validated.h"
#include "tests/core/wasm/body_module.h"

namespace cordon::wasm {
namespace {

using namespace testing;

constexpr ValType i32 = ValType::i32, i64 = ValType::i64, f32 = ValType::f32, f64 = ValType::f64,
                  v128 = ValType::v128, funcref = ValType::funcref, externref = ValType::externref;

std::string check(const WasmBytes& code, const FuncType& type = {},
                  const std::vector<Locals>& locals = {}) {
  return verdict_on(type, code, locals).text();
}

WasmBytes constant(ValType type) {
  switch (type) {
    case i32: return WasmBytes().i32_const(0);
    case i64: return WasmBytes().i64_const(0);
    case f32: return WasmBytes().f32_const(0);
    case f64: return WasmBytes().f64_const(0);
    case v128: return WasmBytes().v128_const({});
    default: return WasmBytes().op(Op::ref_null).type(type);
  }
}

ValType another(ValType type) { return type == i32 ? f64 : i32; }

// Rows with a fixed signature, from the table: the operands as they should be, one too few, and one
// of another type in each place.

struct Row {
  const char* text;
  Op op;
  Imm imm;
  Signature signature;
};

constexpr Row kFixedRows[] = {
#define CONTROL(code, ident, text, imm, feature, kind, effect)
#define FIXED(code, ident, text, imm, sig, feature, kind, effect) \
  {text, Op::ident, Imm::imm, parse_signature(sig)},
#define PURE(code, ident, text, sig, feature, kind, effect) \
  {text, Op::ident, Imm::None, parse_signature(sig)},
#define LOAD(code, ident, text, type, memory, feature) \
  {text, Op::ident, Imm::MemArg, load_signature(type)},
#define STORE(code, ident, text, type, memory, feature) \
  {text, Op::ident, Imm::MemArg, store_signature(type)},
#define VECTOR(code, ident, text, sig, feature, kind, effect) \
  PURE(code, ident, text, sig, feature, kind, effect)
#define VECTOR_LOAD(code, ident, text, memory, feature) \
  LOAD(code, ident, text, v128, memory, feature)
#define VECTOR_STORE(code, ident, text, memory, feature) \
  STORE(code, ident, text, v128, memory, feature)
#define LANE(code, ident, text, lanes, sig, feature, kind, effect) \
  {text, Op::ident, Imm::Lane, parse_signature(sig)},
#define LANE_LOAD(code, ident, text, memory, feature) \
  {text, Op::ident, Imm::MemArgLane, lane_load_signature()},
#define LANE_STORE(code, ident, text, memory, feature) \
  {text, Op::ident, Imm::MemArgLane, store_signature(v128)},
#include "core/wasm/opcodes.def"
};

// Valid immediates: index 0, offset 0, alignment 1.
WasmBytes with_immediates(const Row& row) {
  WasmBytes code;
  code.op(row.op);
  switch (row.imm) {
    case Imm::None: return code;
    case Imm::F32: return code.f32(0);
    case Imm::F64: return code.f64(0);
    case Imm::V128:
    case Imm::Shuffle: return code.v128({});
    case Imm::MemArgLane: return code.u8(0).u8(0).u8(0);
    case Imm::MemArg:
    case Imm::MemoryInit:
    case Imm::MemoryCopy:
    case Imm::TableInit:
    case Imm::TableCopy: return code.u8(0).u8(0);
    default: return code.u8(0);
  }
}

void takes_exactly_its_operands(const Row& row) {
  const auto params = row.signature.param_types();
  const auto results = row.signature.result_types();
  for (size_t wrong = 0; wrong <= params.size(); ++wrong) {
    WasmBytes operands;
    for (size_t i = 0; i < params.size(); ++i) {
      operands.append(constant(i == wrong ? another(params[i]) : params[i]));
    }
    const std::string expected = wrong == params.size()
                                     ? std::string("valid")
                                     : "type_mismatch at " + std::to_string(operands.size());
    WasmBytes code = operands;
    EXPECT_EQ(check(code.append(with_immediates(row)), {{}, {results.begin(), results.end()}}),
              expected);
  }
}

void refuses_one_operand_too_few(const Row& row) {
  const auto params = row.signature.param_types();
  const auto results = row.signature.result_types();
  if (params.empty()) return;
  const FuncType type{{}, {results.begin(), results.end()}};
  WasmBytes operands;
  for (ValType param : params.subspan(1)) operands.append(constant(param));
  EXPECT_EQ(check(WasmBytes(operands).append(with_immediates(row)), type),
            "type_mismatch at " + std::to_string(operands.size()));
  EXPECT_EQ(
      check(WasmBytes().op(Op::unreachable).append(operands).append(with_immediates(row)), type),
      "valid");
}

void results_have_their_types(const Row& row) {
  const auto results = row.signature.result_types();
  if (results.empty()) return;
  WasmBytes code;
  for (ValType param : row.signature.param_types()) code.append(constant(param));
  code.append(with_immediates(row));
  EXPECT_EQ(check(code, {{}, {another(results[0])}}),
            "type_mismatch at " + std::to_string(code.size()));
}

TEST(ValidateFunc, RowsWithAFixedSignatureTakeAndGiveItsTypes) {
  for (const Row& row : kFixedRows) {
    SCOPED_TRACE(row.text);
    takes_exactly_its_operands(row);
    refuses_one_operand_too_few(row);
    results_have_their_types(row);
  }
}

// Memory and its alignment

TEST(ValidateFunc, AlignmentUpToTheNaturalOne) {
  const auto load = [](Op op, uint32_t align) {
    return check(WasmBytes().i32_const(0).access(op, 0, align).op(Op::drop));
  };
  EXPECT_EQ(load(Op::i32_load8_u, 0), "valid");
  EXPECT_EQ(load(Op::i32_load8_u, 1), "alignment_too_large at 2");
  EXPECT_EQ(load(Op::i32_load16_s, 1), "valid");
  EXPECT_EQ(load(Op::i32_load16_s, 2), "alignment_too_large at 2");
  EXPECT_EQ(load(Op::f32_load, 2), "valid");
  EXPECT_EQ(load(Op::f32_load, 3), "alignment_too_large at 2");
  EXPECT_EQ(load(Op::i64_load, 3), "valid");
  EXPECT_EQ(load(Op::i64_load, 4), "alignment_too_large at 2");
  // Exponents that shift out of every integer.
  EXPECT_EQ(load(Op::i64_load, 32), "alignment_too_large at 2");
  EXPECT_EQ(load(Op::i64_load, 64), "alignment_too_large at 2");
  EXPECT_EQ(load(Op::i64_load, 0xffff'ffff), "alignment_too_large at 2");
}

TEST(ValidateFunc, IndexSpacesAreChecked) {
  EXPECT_EQ(check(WasmBytes().local_get(0).op(Op::drop), {{i32}, {}}), "valid");
  EXPECT_EQ(check(WasmBytes().local_get(2).op(Op::drop), {{i32}, {}}, {{1, f32}}),
            "unknown_local at 0");
  EXPECT_EQ(check(WasmBytes().op(Op::global_get).u32(2)), "unknown_global at 0");
  EXPECT_EQ(check(WasmBytes().op(Op::table_size).u32(2)), "unknown_table at 0");
  EXPECT_EQ(check(WasmBytes().op(Op::elem_drop).u32(2)), "unknown_elem_segment at 0");
  EXPECT_EQ(check(WasmBytes().op(Op::data_drop).u32(1)), "unknown_data_segment at 0");
  EXPECT_EQ(check(WasmBytes().call(4)), "unknown_function at 0");
  EXPECT_EQ(check(WasmBytes().op(Op::ref_func).u32(4)), "unknown_function at 0");
  EXPECT_EQ(check(WasmBytes().br(1)), "unknown_label at 0");
  EXPECT_EQ(check(WasmBytes().block_of_type(Op::block, 99).end()), "unknown_type at 0");
  EXPECT_EQ(check(WasmBytes().i32_const(0).op(Op::call_indirect).u32(99).u32(0)),
            "unknown_type at 2");
  EXPECT_EQ(check(WasmBytes().i32_const(0).op(Op::call_indirect).u32(1).u32(2)),
            "unknown_table at 2");
}

// Locals and globals

TEST(ValidateFunc, LocalsHaveTheirDeclaredTypesParametersFirst) {
  const FuncType type{{f64}, {}};
  const std::vector<Locals> locals{{2, i64}, {1, externref}};
  const auto set = [&](uint32_t local, ValType value) {
    return check(constant(value).local_set(local), type, locals);
  };
  EXPECT_EQ(set(0, f64), "valid");
  EXPECT_EQ(set(1, i64), "valid");
  EXPECT_EQ(set(2, i64), "valid");
  EXPECT_EQ(set(3, externref), "valid");
  EXPECT_EQ(set(3, funcref), "type_mismatch at 2");
  EXPECT_EQ(set(2, i32), "type_mismatch at 2");
  EXPECT_EQ(check(constant(i64).local_tee(1).local_set(2), type, locals), "valid");
  EXPECT_EQ(check(constant(i64).local_tee(1).local_set(0), type, locals), "type_mismatch at 4");
}

TEST(ValidateFunc, OnlyMutableGlobalsAreSet) {
  EXPECT_EQ(check(WasmBytes().i32_const(1).op(Op::global_set).u32(0)), "valid");
  EXPECT_EQ(check(WasmBytes().i64_const(1).op(Op::global_set).u32(1)), "global_is_immutable at 2");
  EXPECT_EQ(check(WasmBytes().i64_const(1).op(Op::global_set).u32(0)), "type_mismatch at 2");
  EXPECT_EQ(check(WasmBytes().op(Op::global_get).u32(1), {{}, {i64}}), "valid");
}

// Parametric instructions

TEST(ValidateFunc, SelectWithoutATypeIsForTwoNumbersOfOneType) {
  const auto select = [](ValType first, ValType second) {
    return check(constant(first).append(constant(second)).i32_const(0).op(Op::select).op(Op::drop));
  };
  EXPECT_EQ(select(i32, i32), "valid");
  EXPECT_EQ(select(f64, f64), "valid");
  EXPECT_EQ(select(i32, i64), "type_mismatch at 6");
  EXPECT_EQ(select(funcref, funcref), "type_mismatch at 6");
  EXPECT_EQ(check(WasmBytes().i32_const(0).i32_const(0).op(Op::select)), "type_mismatch at 4");
  // It takes any number of unknown operands, and gives what it knows.
  const WasmBytes unknown = WasmBytes().op(Op::unreachable);
  EXPECT_EQ(check(WasmBytes(unknown).op(Op::select).op(Op::f64_neg).op(Op::drop)), "valid");
  EXPECT_EQ(check(WasmBytes(unknown).i64_const(0).i32_const(0).op(Op::select).op(Op::f64_neg)),
            "type_mismatch at 6");
  EXPECT_EQ(check(WasmBytes(unknown)
                      .op(Op::ref_null)
                      .type(funcref)
                      .i32_const(0)
                      .op(Op::select)
                      .op(Op::drop)),
            "type_mismatch at 5");
}

TEST(ValidateFunc, SelectWithATypeTakesItAndOneOnly) {
  const auto typed = [](const std::vector<ValType>& types) {
    WasmBytes code = constant(externref).append(constant(externref)).i32_const(0);
    code.op(Op::select_t).u32(static_cast<uint32_t>(types.size()));
    for (ValType type : types) code.type(type);
    return code.op(Op::drop);
  };
  EXPECT_EQ(check(typed({externref})), "valid");
  EXPECT_EQ(check(typed({funcref})), "type_mismatch at 6");
  EXPECT_EQ(check(typed({})), "invalid_result_arity at 6");
  EXPECT_EQ(check(typed({externref, externref})), "invalid_result_arity at 6");
}

TEST(ValidateFunc, DropTakesAnythingButMustHaveSomething) {
  EXPECT_EQ(check(constant(externref).op(Op::drop)), "valid");
  EXPECT_EQ(check(WasmBytes().op(Op::drop)), "type_mismatch at 0");
  EXPECT_EQ(check(WasmBytes().op(Op::unreachable).op(Op::drop)), "valid");
  // What is outside of the block is not for it to drop.
  EXPECT_EQ(check(WasmBytes().i32_const(0).block(Op::block).op(Op::drop).end().op(Op::drop)),
            "type_mismatch at 4");
}

// References and tables

TEST(ValidateFunc, RefFuncNamesDeclaredFunctionsOnly) {
  EXPECT_EQ(check(WasmBytes().op(Op::ref_func).u32(2), {{}, {funcref}}), "valid");
  EXPECT_EQ(check(WasmBytes().op(Op::ref_func).u32(3), {{}, {funcref}}),
            "undeclared_reference at 0");
}

TEST(ValidateFunc, RefIsNullTakesReferencesOnly) {
  EXPECT_EQ(check(constant(externref).op(Op::ref_is_null), {{}, {i32}}), "valid");
  EXPECT_EQ(check(constant(funcref).op(Op::ref_is_null), {{}, {i32}}), "valid");
  EXPECT_EQ(check(constant(i64).op(Op::ref_is_null), {{}, {i32}}), "type_mismatch at 2");
  EXPECT_EQ(check(WasmBytes().op(Op::ref_is_null), {{}, {i32}}), "type_mismatch at 0");
  EXPECT_EQ(check(WasmBytes().op(Op::unreachable).op(Op::ref_is_null), {{}, {i32}}), "valid");
}

TEST(ValidateFunc, TableInstructionsFollowTheTablesType) {
  const WasmBytes external = constant(externref);
  EXPECT_EQ(check(WasmBytes().i32_const(0).op(Op::table_get).u32(1), {{}, {externref}}), "valid");
  EXPECT_EQ(check(WasmBytes().i32_const(0).op(Op::table_get).u32(0), {{}, {externref}}),
            "type_mismatch at 4");
  EXPECT_EQ(check(WasmBytes().i32_const(0).append(external).op(Op::table_set).u32(1)), "valid");
  EXPECT_EQ(check(WasmBytes().i32_const(0).append(external).op(Op::table_set).u32(0)),
            "type_mismatch at 4");
  EXPECT_EQ(check(WasmBytes(external).i32_const(1).op(Op::table_grow).u32(1), {{}, {i32}}),
            "valid");
  EXPECT_EQ(check(WasmBytes(external).i32_const(1).op(Op::table_grow).u32(0), {{}, {i32}}),
            "type_mismatch at 4");
  const WasmBytes fill = WasmBytes().i32_const(0).append(external).i32_const(1);
  EXPECT_EQ(check(WasmBytes(fill).op(Op::table_fill).u32(1)), "valid");
  EXPECT_EQ(check(WasmBytes(fill).op(Op::table_fill).u32(0)), "type_mismatch at 6");
  const WasmBytes three = WasmBytes().i32_const(0).i32_const(0).i32_const(0);
  EXPECT_EQ(check(WasmBytes(three).op(Op::table_copy).u32(0).u32(0)), "valid");
  EXPECT_EQ(check(WasmBytes(three).op(Op::table_copy).u32(0).u32(1)), "type_mismatch at 6");
  EXPECT_EQ(check(WasmBytes(three).op(Op::table_init).u32(1).u32(1)), "valid");
  EXPECT_EQ(check(WasmBytes(three).op(Op::table_init).u32(1).u32(0)), "type_mismatch at 6");
}

// Calls

TEST(ValidateFunc, CallsTakeAndGiveTheirTypes) {
  const WasmBytes operands = WasmBytes().i32_const(0).i64_const(0);
  EXPECT_EQ(check(WasmBytes(operands).call(0), {{}, {f32}}), "valid");
  EXPECT_EQ(check(WasmBytes(operands).call(0), {{}, {f64}}), "type_mismatch at 6");
  EXPECT_EQ(check(WasmBytes().i64_const(0).i32_const(0).call(0), {{}, {f32}}),
            "type_mismatch at 4");
  const WasmBytes indexed = WasmBytes(operands).i32_const(0).op(Op::call_indirect);
  EXPECT_EQ(check(WasmBytes(indexed).u32(0).u32(0), {{}, {f32}}), "valid");
  EXPECT_EQ(check(WasmBytes(indexed).u32(0).u32(1), {{}, {f32}}), "type_mismatch at 6");
  EXPECT_EQ(check(WasmBytes(indexed).u32(2).u32(0), {{}, {f32}}), "type_mismatch at 6");
}

// Blocks and branches

TEST(ValidateFunc, BlocksEndWithExactlyTheirResults) {
  EXPECT_EQ(check(WasmBytes().block(Op::block, i32).i32_const(0).end(), {{}, {i32}}), "valid");
  EXPECT_EQ(check(WasmBytes().block(Op::block, i32).end(), {{}, {i32}}), "type_mismatch at 2");
  EXPECT_EQ(check(WasmBytes().block(Op::block, i32).i64_const(0).end(), {{}, {i32}}),
            "type_mismatch at 4");
  EXPECT_EQ(check(WasmBytes().block(Op::block).i32_const(0).end()), "type_mismatch at 4");
  EXPECT_EQ(check(WasmBytes().i32_const(0)), "type_mismatch at 2");
  EXPECT_EQ(check({}, {{}, {i32}}), "type_mismatch at 0");
  // Unreachable code has too much as well.
  EXPECT_EQ(check(WasmBytes().op(Op::unreachable).i32_const(0)), "type_mismatch at 3");
}

TEST(ValidateFunc, BlocksTakeTheirParameters) {
  const auto swap = [](Op op) { return WasmBytes().block_of_type(op, 2).op(Op::i32_eqz).end(); };
  EXPECT_EQ(check(WasmBytes().i32_const(0).append(swap(Op::block)), {{}, {i32}}), "valid");
  EXPECT_EQ(check(WasmBytes().i32_const(0).append(swap(Op::loop)), {{}, {i32}}), "valid");
  EXPECT_EQ(check(WasmBytes().i64_const(0).append(swap(Op::block)), {{}, {i32}}),
            "type_mismatch at 2");
  EXPECT_EQ(check(swap(Op::loop), {{}, {i32}}), "type_mismatch at 0");
}

TEST(ValidateFunc, IfNeedsAConditionAndElseWhereTypesChange) {
  const WasmBytes condition = WasmBytes().i32_const(1);
  EXPECT_EQ(check(WasmBytes(condition).block(Op::if_).end()), "valid");
  EXPECT_EQ(check(WasmBytes().block(Op::if_).end()), "type_mismatch at 0");
  EXPECT_EQ(check(WasmBytes().i64_const(1).block(Op::if_).end()), "type_mismatch at 2");
  EXPECT_EQ(check(WasmBytes(condition).block(Op::if_, i32).i32_const(0).end(), {{}, {i32}}),
            "type_mismatch at 6");
  EXPECT_EQ(
      check(WasmBytes(condition).block(Op::if_, i32).i32_const(0).op(Op::else_).i32_const(1).end(),
            {{}, {i32}}),
      "valid");
  EXPECT_EQ(
      check(WasmBytes(condition).block(Op::if_, i32).op(Op::else_).i32_const(1).end(), {{}, {i32}}),
      "type_mismatch at 4");
  EXPECT_EQ(
      check(WasmBytes(condition).block(Op::if_, i32).i32_const(0).op(Op::else_).i64_const(1).end(),
            {{}, {i32}}),
      "type_mismatch at 9");
  // [i32] -> [i32] needs no else; the parameter passes through.
  EXPECT_EQ(check(WasmBytes().i32_const(0).append(condition).block_of_type(Op::if_, 2).end(),
                  {{}, {i32}}),
            "valid");
  // Both parts start from the parameters.
  EXPECT_EQ(check(WasmBytes()
                      .i32_const(0)
                      .append(condition)
                      .block_of_type(Op::if_, 2)
                      .op(Op::drop)
                      .i32_const(7)
                      .op(Op::else_)
                      .op(Op::i32_eqz)
                      .end(),
                  {{}, {i32}}),
            "valid");
}

TEST(ValidateFunc, ElseStandsOnlyInAnIfAndOnce) {
  EXPECT_EQ(check(WasmBytes().op(Op::else_)), "end_opcode_expected at 0");
  EXPECT_EQ(check(WasmBytes().block(Op::block).op(Op::else_).end()), "end_opcode_expected at 2");
  EXPECT_EQ(check(WasmBytes().i32_const(1).block(Op::if_).op(Op::else_).op(Op::else_).end()),
            "end_opcode_expected at 5");
}

TEST(ValidateFunc, BranchesTakeTheLabelsTypes) {
  // A block's label is its results, a loop's its parameters, a function's its results.
  EXPECT_EQ(check(WasmBytes().block(Op::block, i32).i32_const(0).br(0).end(), {{}, {i32}}),
            "valid");
  EXPECT_EQ(check(WasmBytes().block(Op::block, i32).br(0).end(), {{}, {i32}}),
            "type_mismatch at 2");
  EXPECT_EQ(check(WasmBytes().block(Op::loop, i32).br(0).end(), {{}, {i32}}), "valid");
  EXPECT_EQ(check(WasmBytes().block_of_type(Op::loop, 2).br(0).end(), {{}, {i32}}),
            "type_mismatch at 0");
  EXPECT_EQ(check(WasmBytes().i64_const(0).br(0), {{}, {i64}}), "valid");
  EXPECT_EQ(check(WasmBytes().i32_const(0).br(0), {{}, {i64}}), "type_mismatch at 2");
  EXPECT_EQ(check(WasmBytes().i64_const(0).op(Op::return_), {{}, {i64}}), "valid");
  EXPECT_EQ(check(WasmBytes().block(Op::block).op(Op::return_).end(), {{}, {i64}}),
            "type_mismatch at 2");
}

TEST(ValidateFunc, BrIfLeavesTheLabelsTypes) {
  EXPECT_EQ(check(WasmBytes().block(Op::block, i32).i32_const(0).i32_const(1).br_if(0).end(),
                  {{}, {i32}}),
            "valid");
  EXPECT_EQ(check(WasmBytes().block(Op::block, i32).i32_const(0).br_if(0).end(), {{}, {i32}}),
            "type_mismatch at 4");
  // After it in unreachable code the operand no longer has any type.
  EXPECT_EQ(check(WasmBytes()
                      .block(Op::block, i32)
                      .op(Op::unreachable)
                      .br_if(0)
                      .op(Op::f32_neg)
                      .op(Op::drop)
                      .i32_const(0)
                      .end(),
                  {{}, {i32}}),
            "type_mismatch at 5");
}

TEST(ValidateFunc, BrTableLabelsAgree) {
  const auto table = [](std::initializer_list<uint32_t> labels, uint32_t otherwise) {
    WasmBytes code;
    code.i32_const(0).op(Op::br_table).u32(static_cast<uint32_t>(labels.size()));
    for (uint32_t label : labels) code.u32(label);
    return code.u32(otherwise);
  };
  const auto in_blocks = [&](const WasmBytes& code) {
    // Label 0 is empty, label 1 takes an i32, label 2 is empty.
    return check(WasmBytes()
                     .block(Op::block, i32)
                     .block(Op::block)
                     .append(code)
                     .end()
                     .i32_const(0)
                     .end()
                     .op(Op::drop));
  };
  EXPECT_EQ(in_blocks(table({0, 2}, 0)), "valid");
  EXPECT_EQ(in_blocks(table({}, 2)), "valid");
  EXPECT_EQ(in_blocks(WasmBytes().i32_const(0).append(table({1}, 1))), "valid");
  EXPECT_EQ(in_blocks(WasmBytes().i32_const(0).append(table({1, 0}, 1))), "type_mismatch at 8");
  EXPECT_EQ(in_blocks(table({0}, 1)), "type_mismatch at 6");
  EXPECT_EQ(in_blocks(table({0, 3}, 0)), "unknown_label at 6");
  EXPECT_EQ(in_blocks(table({0}, 3)), "unknown_label at 6");
  EXPECT_EQ(in_blocks(WasmBytes().op(Op::br_table).u32(0).u32(0)), "type_mismatch at 4");
}

TEST(ValidateFunc, OperandsFromNowhereHaveAnyTypeKnownOnesKeepTheirs) {
  const WasmBytes dead = WasmBytes().op(Op::unreachable);
  EXPECT_EQ(check(WasmBytes(dead).op(Op::i64_add), {{}, {i64}}), "valid");
  EXPECT_EQ(check(WasmBytes(dead).i64_const(0).op(Op::i64_add), {{}, {i64}}), "valid");
  EXPECT_EQ(check(WasmBytes(dead).i32_const(0).op(Op::i64_add), {{}, {i64}}), "type_mismatch at 3");
  EXPECT_EQ(check(dead, {{}, {i64, f32}}), "valid");
  // A block in unreachable code starts like any other.
  EXPECT_EQ(check(WasmBytes(dead).block(Op::block).op(Op::i64_add).op(Op::drop).end()),
            "type_mismatch at 3");
  // Code after a block whose body does not end is reachable, as far as types go.
  EXPECT_EQ(check(WasmBytes().block(Op::block).op(Op::unreachable).end().op(Op::drop)),
            "type_mismatch at 4");
}

TEST(ValidateFunc, AnIfWithoutElseNamesBothItsTypes) {
  ModuleBuilder module;
  module.func({{}, {i32}}, WasmBytes().i32_const(1).block(Op::if_, i32).i32_const(2).end());
  const std::vector<uint8_t> bytes = module.build();
  auto decoded = decode_module(bytes);
  ASSERT_TRUE(decoded);
  const auto validated = validate_module(std::move(*decoded));
  ASSERT_FALSE(validated);
  EXPECT_EQ(validated.error().message(),
            "type mismatch: an if without else cannot turn [] into [i32] at offset 0x1e");
}

// A malformed body is reported as malformed, also after what is invalid

TEST(ValidateFunc, MalformedWinsOverInvalidInOneBody) {
  const WasmBytes invalid = WasmBytes().op(Op::drop);
  EXPECT_EQ(check(invalid), "type_mismatch at 0");
  EXPECT_EQ(check(WasmBytes(invalid).u8(0xff)), "illegal_opcode at 1");
  EXPECT_EQ(check(WasmBytes(invalid).op(Op::else_)), "end_opcode_expected at 1");
  EXPECT_EQ(check(WasmBytes(invalid).block(Op::block)), "unexpected_end_of_section at 4");
  EXPECT_EQ(check(WasmBytes(invalid).end()), "junk_after_end at 2");
}

TEST(ValidateFunc, BodiesEndWhereTheirBytesEnd) {
  EXPECT_EQ(check(WasmBytes().end()), "junk_after_end at 1");
  EXPECT_EQ(check(WasmBytes().block(Op::block)), "unexpected_end_of_section at 3");
  EXPECT_EQ(check(WasmBytes().u8(0x14)), "lacks_function_references at 0");
  EXPECT_EQ(check(WasmBytes().u8(0xfc).u32(0x12)), "illegal_opcode at 0");
  EXPECT_EQ(check(WasmBytes().u8(0xfc).u32(0x1000'0000)), "illegal_opcode at 0");
  EXPECT_EQ(check(WasmBytes().u8(0xfd).u32(0x114)), "illegal_opcode at 0");
  EXPECT_EQ(check(WasmBytes().op(Op::memory_size).u8(1)), "zero_byte_expected at 1");
  EXPECT_EQ(check(WasmBytes().op(Op::block).u8(0x41).end()), "malformed_block_type at 1");
  EXPECT_EQ(check(WasmBytes().op(Op::ref_null).u8(0x7f)), "malformed_ref_type at 1");
}

// A long form of an index is an index, and a prefix may be long too.
TEST(ValidateFunc, LongLebs) {
  const WasmBytes zero{0x80, 0x80, 0x00};
  EXPECT_EQ(check(WasmBytes().op(Op::local_get).append(zero), {{i32}, {i32}}), "valid");
  EXPECT_EQ(check(WasmBytes().f32_const(0).u8(0xfc).append(zero), {{}, {i32}}), "valid");
  EXPECT_EQ(check(WasmBytes().op(Op::block).u8(0x81).u8(0x00).end()), "valid");
}

TEST(ValidateFunc, FeaturesThatAreOffAreRefusedByName) {
  const auto off = [](Feature feature, const WasmBytes& code, const FuncType& type = {}) {
    return verdict_on(type, code, {}, Features::all().without(feature)).text();
  };
  EXPECT_EQ(off(Feature::sign_extension, WasmBytes().i32_const(0).op(Op::i32_extend8_s)),
            "feature_off at 2");
  EXPECT_EQ(
      off(Feature::saturating_conversions, WasmBytes().f32_const(0).op(Op::i32_trunc_sat_f32_s)),
      "feature_off at 5");
  EXPECT_EQ(off(Feature::bulk_memory, WasmBytes().op(Op::data_drop).u32(0)), "feature_off at 0");
  EXPECT_EQ(off(Feature::reference_types, WasmBytes().op(Op::table_size).u32(0)),
            "feature_off at 0");
  EXPECT_EQ(off(Feature::multi_value, WasmBytes().block_of_type(Op::block, 1).end()),
            "feature_off at 1");
}

}  // namespace
}  // namespace cordon::wasm
