// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is declared outside of bodies (spec §3.4), kept and broken, with the offset of each error;
// and constant expressions (spec §3.3.10).
#include <gtest/gtest.h>

#include "core/wasm/limits.h"
#include "core/wasm/validated.h"
#include "tests/kit/module_builder.h"

namespace cordon::wasm {
namespace {

using namespace testing;

constexpr ValType i32 = ValType::i32, i64 = ValType::i64, funcref = ValType::funcref,
                  externref = ValType::externref;

Result<std::unique_ptr<const ValidatedModule>> validated(ByteSpan bytes,
                                                         Features features = Features::all()) {
  return validate_module(TRY(decode_module(bytes, features)));
}

// "valid", or the diagnostic's name.
std::string check(const ModuleBuilder& builder, Features features = Features::all()) {
  const auto bytes = builder.build();
  const auto result = validated(bytes, features);
  return result ? "valid" : std::string(result.error().kind->name);
}

// Where the error is, as the bytes there: offsets of a builder's module are no use to a reader.
std::string bytes_at_error(const ModuleBuilder& builder, size_t count) {
  const auto bytes = builder.build();
  const auto result = validated(bytes);
  if (result) return "valid";
  if (result.error().offset + count > bytes.size()) return "beyond the module";
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    constexpr char kDigits[] = "0123456789abcdef";
    const uint8_t byte = bytes[result.error().offset + i];
    text += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text;
}

TEST(ValidateModule, TypesOfFunctionsAreInRange) {
  // type section with one type; function section with types 0 and 1
  const WasmBytes types{1, 0x60, 0, 0};
  const WasmBytes good{2, 0, 0}, bad{2, 0, 1};
  const WasmBytes bodies{2, 2, 0, 0x0b, 2, 0, 0x0b};
  const auto module = [&](const WasmBytes& funcs) {
    return raw_module({section(kTypeSection, types), section(kFunctionSection, funcs),
                       section(kCodeSection, bodies)});
  };
  EXPECT_TRUE(validated(module(good).span()));
  const WasmBytes bytes = module(bad);
  const auto refused = validated(bytes.span());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "unknown type 1 at offset 0x12");
  EXPECT_EQ(bytes.bytes()[0x12], 1);
}

TEST(ValidateModule, AnImportedFunctionsTypeIsInRange) {
  const WasmBytes imports{1, 1, 'm', 1, 'f', 0, 0};
  const auto refused = validated(raw_module({section(kImportSection, imports)}).span());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "unknown type 0 at offset 0xb");
}

TEST(ValidateModule, LimitsAreInOrder) {
  ModuleBuilder good, table, memory, imported;
  good.table({funcref, {.min = 2, .max = 2, .has_max = true}});
  EXPECT_EQ(check(good), "valid");
  table.table({funcref, {.min = 3, .max = 2, .has_max = true}});
  EXPECT_EQ(check(table), "minimum_over_maximum");
  EXPECT_EQ(bytes_at_error(table, 4), "70010302");
  memory.memory({.min = 3, .max = 2, .has_max = true});
  EXPECT_EQ(check(memory), "minimum_over_maximum");
  EXPECT_EQ(bytes_at_error(memory, 3), "010302");
  imported.import_memory("m", "x", {.min = 3, .max = 2, .has_max = true});
  EXPECT_EQ(check(imported), "minimum_over_maximum");
  EXPECT_EQ(bytes_at_error(imported, 5), "016d017802");
}

TEST(ValidateModule, OneMemoryOfAtMostFourGigabytes) {
  const auto sized = [](Limits limits) {
    ModuleBuilder builder;
    builder.memory(limits);
    return check(builder);
  };
  EXPECT_EQ(sized({.min = 65'536}), "valid");
  EXPECT_EQ(sized({.min = 65'537}), "memory_too_large");
  EXPECT_EQ(sized({.min = 0, .max = 65'536, .has_max = true}), "valid");
  EXPECT_EQ(sized({.min = 0, .max = 65'537, .has_max = true}), "memory_too_large");
  ModuleBuilder two;
  two.import_memory("m", "x", {.min = 1});
  EXPECT_EQ(check(two), "valid");
  two.memory({.min = 7});
  EXPECT_EQ(check(two), "lacks_multi_memory");
  EXPECT_EQ(bytes_at_error(two, 2), "0007");
}

TEST(ValidateModule, MessagesNameTheLimit) {
  ModuleBuilder builder;
  builder.memory({.min = 70'000});
  const auto bytes = builder.build();
  const auto refused = validated(bytes);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind->klass, DiagnosticClass::Invalid);
  EXPECT_EQ(refused.error().message(),
            "memory size must be at most 65536 pages (4GiB): 70000 pages at offset 0xb");
}

TEST(ValidateModule, ExportsNameWhatIsThere) {
  const auto exported = [](ExternKind kind, uint32_t index) {
    ModuleBuilder builder;
    builder.func({}, {});
    builder.table({funcref, {.min = 0}});
    builder.memory({.min = 0});
    builder.global({i32, false}, WasmBytes().i32_const(0));
    builder.export_("x", kind, index);
    return check(builder);
  };
  EXPECT_EQ(exported(ExternKind::Func, 0), "valid");
  EXPECT_EQ(exported(ExternKind::Func, 1), "unknown_function");
  EXPECT_EQ(exported(ExternKind::Table, 0), "valid");
  EXPECT_EQ(exported(ExternKind::Table, 1), "unknown_table");
  EXPECT_EQ(exported(ExternKind::Memory, 0), "valid");
  EXPECT_EQ(exported(ExternKind::Memory, 1), "unknown_memory");
  EXPECT_EQ(exported(ExternKind::Global, 0), "valid");
  EXPECT_EQ(exported(ExternKind::Global, 1), "unknown_global");
}

TEST(ValidateModule, TheFirstExportThatRepeatsANameIsRefused) {
  ModuleBuilder builder;
  builder.func({}, {});
  for (const char* name : {"b", "a", "", "aa"}) builder.export_(name, ExternKind::Func, 0);
  EXPECT_EQ(check(builder), "valid");
  builder.export_("c", ExternKind::Func, 0);
  builder.export_("b", ExternKind::Func, 0);
  builder.export_("a", ExternKind::Func, 0);
  EXPECT_EQ(check(builder), "duplicate_export");
  EXPECT_EQ(bytes_at_error(builder, 4), "01620000");
  // An unknown function before it is reported first, one after it is not.
  ModuleBuilder unknown_first, unknown_last;
  unknown_first.func({}, {});
  unknown_last.func({}, {});
  unknown_first.export_("x", ExternKind::Func, 9).export_("x", ExternKind::Func, 0);
  EXPECT_EQ(check(unknown_first), "unknown_function");
  unknown_last.export_("x", ExternKind::Func, 0).export_("x", ExternKind::Func, 9);
  EXPECT_EQ(check(unknown_last), "duplicate_export");
}

// [L1] Neither many names nor long ones with one beginning take long.
TEST(ValidateModule, ManyExportsWithOneBeginning) {
  ModuleBuilder builder;
  builder.func({}, {});
  const std::string beginning(200, 'x');
  for (int i = 0; i < 50'000; ++i) {
    builder.export_(beginning + std::to_string(i), ExternKind::Func, 0);
  }
  EXPECT_EQ(check(builder), "valid");
  builder.export_(beginning + "49999", ExternKind::Func, 0);
  EXPECT_EQ(check(builder), "duplicate_export");
}

TEST(ValidateModule, StartTakesAndGivesNothing) {
  ModuleBuilder good, with_param, with_result, unknown;
  EXPECT_EQ(check(good.start(good.func({}, {}))), "valid");
  EXPECT_EQ(check(with_param.start(with_param.func({{i32}, {}}, {}))), "start_function");
  EXPECT_EQ(check(with_result.start(with_result.func({{}, {i32}}, WasmBytes().i32_const(0)))),
            "start_function");
  EXPECT_EQ(check(unknown.start(7)), "unknown_function");
  EXPECT_EQ(bytes_at_error(unknown, 1), "07");
}

// Constant expressions

std::string global_init(ValType type, const WasmBytes& init, Features features = Features::all()) {
  ModuleBuilder builder;
  builder.import_global("m", "constant", {i64, false});
  builder.import_global("m", "mutable", {i64, true});
  builder.func({}, {});
  builder.global({type, false}, init);
  return check(builder, features);
}

TEST(ConstantExpression, ConstantsOfTheRightType) {
  EXPECT_EQ(global_init(i32, WasmBytes().i32_const(-1)), "valid");
  EXPECT_EQ(global_init(ValType::f32, WasmBytes().f32_const(1)), "valid");
  EXPECT_EQ(global_init(ValType::f64, WasmBytes().f64_const(1)), "valid");
  EXPECT_EQ(global_init(externref, WasmBytes().op(Op::ref_null).type(externref)), "valid");
  EXPECT_EQ(global_init(funcref, WasmBytes().op(Op::ref_func).u32(0)), "valid");
  EXPECT_EQ(global_init(i32, WasmBytes().i64_const(1)), "type_mismatch");
  EXPECT_EQ(global_init(funcref, WasmBytes().op(Op::ref_null).type(externref)), "type_mismatch");
  EXPECT_EQ(global_init(i32, {}), "type_mismatch");
  EXPECT_EQ(global_init(i32, WasmBytes().i32_const(1).i32_const(1)), "type_mismatch");
  EXPECT_EQ(global_init(funcref, WasmBytes().op(Op::ref_func).u32(1)), "unknown_function");
}

TEST(ConstantExpression, OnlyConstantInstructions) {
  EXPECT_EQ(global_init(i32, WasmBytes().op(Op::nop)), "constant_required");
  EXPECT_EQ(global_init(i32, WasmBytes().i32_const(0).op(Op::i32_eqz)), "constant_required");
  EXPECT_EQ(global_init(i32, WasmBytes().block(Op::block, i32).i32_const(0).end()),
            "constant_required");
  EXPECT_EQ(global_init(i32, WasmBytes().i32_const(0).i32_const(0).op(Op::i32_div_u)),
            "constant_required");
  EXPECT_EQ(global_init(i64, WasmBytes().call(0)), "constant_required");
  EXPECT_EQ(global_init(i64, WasmBytes().i64_const(0).op(Op::global_set).u32(1)),
            "constant_required");
}

TEST(ConstantExpression, OnlyImportedImmutableGlobals) {
  const auto get = [](uint32_t global) { return WasmBytes().op(Op::global_get).u32(global); };
  EXPECT_EQ(global_init(i64, get(0)), "valid");
  EXPECT_EQ(global_init(i32, get(0)), "type_mismatch");
  EXPECT_EQ(global_init(i64, get(1)), "constant_required");
  EXPECT_EQ(global_init(i64, get(2)), "unknown_global");
  EXPECT_EQ(global_init(i64, get(3)), "unknown_global");
}

TEST(ConstantExpression, ExtendedArithmetic) {
  const auto sum = [](Op op) { return WasmBytes().i64_const(1).i64_const(2).op(op); };
  EXPECT_EQ(global_init(i64, sum(Op::i64_add)), "valid");
  EXPECT_EQ(global_init(i64, sum(Op::i64_sub)), "valid");
  EXPECT_EQ(global_init(i64, sum(Op::i64_mul)), "valid");
  EXPECT_EQ(global_init(i32, WasmBytes().i32_const(1).i32_const(2).op(Op::i32_sub)), "valid");
  EXPECT_EQ(global_init(i64, sum(Op::i32_add)), "type_mismatch");
  EXPECT_EQ(global_init(i64, WasmBytes().i64_const(1).op(Op::i64_add)), "type_mismatch");
  EXPECT_EQ(global_init(i64, sum(Op::i64_add), Features::all().without(Feature::extended_const)),
            "constant_required");
}

// Segments

TEST(ValidateModule, ElementSegments) {
  const auto segment = [](const WasmBytes& bytes) {
    ModuleBuilder builder;
    builder.table({funcref, {.min = 1}});
    builder.table({externref, {.min = 1}});
    builder.func({}, {});
    builder.raw_elem(bytes);
    return check(builder);
  };
  const WasmBytes zero = WasmBytes().i32_const(0).end();
  const auto active = [&](uint8_t flags, uint8_t table) {
    return WasmBytes().u8(flags).u8(table).append(zero);
  };
  EXPECT_EQ(segment(WasmBytes().u8(0).append(zero).u8(1).u8(0)), "valid");
  EXPECT_EQ(segment(WasmBytes().u8(0).append(zero).u8(1).u8(1)), "unknown_function");
  EXPECT_EQ(segment(WasmBytes().u8(0).i64_const(0).end().u8(0)), "type_mismatch");
  EXPECT_EQ(segment(active(2, 0).u8(0).u8(1).u8(0)), "valid");
  EXPECT_EQ(segment(active(2, 1).u8(0).u8(1).u8(0)), "type_mismatch");
  EXPECT_EQ(segment(active(2, 2).u8(0).u8(1).u8(0)), "unknown_table");
  const WasmBytes null = WasmBytes().op(Op::ref_null).type(externref).end();
  EXPECT_EQ(segment(active(6, 1).type(externref).u8(1).append(null)), "valid");
  EXPECT_EQ(segment(active(6, 0).type(externref).u8(1).append(null)), "type_mismatch");
  EXPECT_EQ(segment(active(6, 0).type(funcref).u8(1).append(null)), "type_mismatch");
  EXPECT_EQ(segment(WasmBytes().u8(7).type(funcref).u8(1).op(Op::ref_func).u8(1).end()),
            "unknown_function");
}

TEST(ValidateModule, DataSegments) {
  const auto segment = [](bool memory, const WasmBytes& bytes) {
    ModuleBuilder builder;
    if (memory) builder.memory({.min = 1});
    builder.raw_data(bytes);
    return check(builder);
  };
  EXPECT_EQ(segment(true, WasmBytes().u8(0).i32_const(0).end().u8(0)), "valid");
  EXPECT_EQ(segment(false, WasmBytes().u8(0).i32_const(0).end().u8(0)), "unknown_memory");
  EXPECT_EQ(segment(true, WasmBytes().u8(2).u8(1).i32_const(0).end().u8(0)), "unknown_memory");
  EXPECT_EQ(segment(true, WasmBytes().u8(0).i64_const(0).end().u8(0)), "type_mismatch");
  EXPECT_EQ(segment(false, WasmBytes().u8(1).u8(0)), "valid");
}

TEST(ValidateModule, DataInstructionsNeedTheDataCount) {
  ModuleBuilder builder;
  builder.memory({.min = 1});
  builder.passive_data("x");
  builder.func({}, WasmBytes().op(Op::data_drop).u32(0));
  EXPECT_EQ(check(builder), "data_count_required");
  EXPECT_EQ(check(builder.with_data_count()), "valid");
}

// References are declared by exports, elements and initial values of globals, before all bodies.
TEST(ValidateModule, WhatDeclaresAFunctionReference) {
  const auto with = [](auto&& declare) {
    ModuleBuilder builder;
    builder.table({funcref, {.min = 1}});
    builder.func({{}, {funcref}}, WasmBytes().op(Op::ref_func).u32(1));
    builder.func({}, {});
    declare(builder);
    return check(builder);
  };
  EXPECT_EQ(with([](ModuleBuilder&) {}), "undeclared_reference");
  EXPECT_EQ(with([](ModuleBuilder& module) { module.start(1); }), "undeclared_reference");
  EXPECT_EQ(with([](ModuleBuilder& module) { module.export_("f", ExternKind::Func, 1); }), "valid");
  EXPECT_EQ(with([](ModuleBuilder& module) { module.export_("f", ExternKind::Func, 0); }),
            "undeclared_reference");
  EXPECT_EQ(with([](ModuleBuilder& module) { module.elem(0, {1}); }), "valid");
  EXPECT_EQ(with([](ModuleBuilder& module) {
              module.raw_elem(WasmBytes().u8(3).u8(0).u32(1).u32(1));  // declarative
            }),
            "valid");
  EXPECT_EQ(with([](ModuleBuilder& module) {
              module.global({funcref, false}, WasmBytes().op(Op::ref_func).u32(1));
            }),
            "valid");
}

// The order of sections is the order of errors.
TEST(ValidateModule, TheFirstErrorInTheBytesIsTold) {
  ModuleBuilder builder;
  builder.func({}, WasmBytes().op(Op::drop));
  builder.raw_data(WasmBytes().u8(0).i32_const(0).end().u8(0));  // no memory
  EXPECT_EQ(check(builder), "type_mismatch");
  builder.elem(0, {0});  // no table
  EXPECT_EQ(check(builder), "unknown_table");
  builder.export_("x", ExternKind::Global, 0);
  EXPECT_EQ(check(builder), "unknown_global");
}

}  // namespace
}  // namespace cordon::wasm
