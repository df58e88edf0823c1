// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What throws and catches, as decoder and validator take it and refuse it.
#include <gtest/gtest.h>

#include "core/wasm/limits.h"
#include "core/wasm/validated.h"
#include "tests/kit/module_builder.h"

namespace cordon::wasm {
namespace {

using namespace testing;

constexpr ValType I = ValType::i32;

// Tags 0 with an i32 and 1 with nothing.
std::string check(const WasmBytes& code, const FuncType& type = {}) {
  ModuleBuilder module;
  module.tag({{I}, {}});
  module.tag({});
  module.func(type, code);
  const std::vector<uint8_t> bytes = module.build();
  auto decoded = decode_module(bytes);
  if (!decoded) return std::string(decoded.error().kind->name);
  auto validated = validate_module(std::move(*decoded));
  return validated ? "valid" : std::string(validated.error().kind->name);
}

WasmBytes throw_(uint32_t tag) { return WasmBytes().op(Op::throw_).u32(tag); }
WasmBytes try_() { return WasmBytes().block(Op::try_); }
WasmBytes try_table(const WasmBytes& clauses) {
  return WasmBytes().op(Op::try_table).u8(0x40).append(clauses).end();
}

TEST(ValidateExceptions, AThrowTakesItsPayload) {
  EXPECT_EQ(check(WasmBytes().i32_const(0).append(throw_(0))), "valid");
  EXPECT_EQ(check(throw_(1)), "valid");
  EXPECT_EQ(check(throw_(0)), "type_mismatch");
  EXPECT_EQ(check(throw_(2)), "unknown_tag");
  EXPECT_EQ(check(WasmBytes().op(Op::ref_null).type(ValType::exnref).op(Op::throw_ref)), "valid");
  EXPECT_EQ(check(WasmBytes().op(Op::ref_null).type(ValType::funcref).op(Op::throw_ref)),
            "type_mismatch");
}

TEST(ValidateExceptions, AClauseGivesWhatItsLabelTakes) {
  EXPECT_EQ(check(try_table({1, 0, 1, 0})), "valid");
  EXPECT_EQ(check(try_table({1, 2, 0})), "valid");
  EXPECT_EQ(check(try_table({1, 0, 0, 0})), "type_mismatch");
  EXPECT_EQ(check(try_table({1, 1, 1, 0})), "type_mismatch");
  EXPECT_EQ(check(try_table({1, 3, 0})), "type_mismatch");
  EXPECT_EQ(check(try_table({1, 0, 7, 0})), "unknown_tag");
  EXPECT_EQ(check(try_table({1, 2, 1})), "unknown_label");
  EXPECT_EQ(check(try_table({1, 4, 0})), "malformed_catch");
  const WasmBytes to_function = WasmBytes().append(try_table({1, 0, 0, 0})).i32_const(1);
  EXPECT_EQ(check(to_function, {{}, {I}}), "valid");
  const WasmBytes reference = WasmBytes()
                                  .block(Op::block, ValType::exnref)
                                  .append(try_table({1, 3, 0}))
                                  .op(Op::unreachable)
                                  .end()
                                  .op(Op::throw_ref);
  EXPECT_EQ(check(reference), "valid");
}

TEST(ValidateExceptions, LegacyPartsStandInTheirOrder) {
  EXPECT_EQ(check(try_().end()), "valid");
  EXPECT_EQ(check(try_().op(Op::catch_).u32(0).op(Op::drop).op(Op::catch_all).end()), "valid");
  EXPECT_EQ(check(try_().op(Op::catch_).u32(0).end()), "type_mismatch");
  EXPECT_EQ(check(try_().op(Op::catch_).u32(2).end()), "unknown_tag");
  EXPECT_EQ(check(try_().op(Op::catch_all).op(Op::catch_).u32(1).end()), "end_opcode_expected");
  EXPECT_EQ(check(try_().op(Op::catch_all).op(Op::catch_all).end()), "end_opcode_expected");
  EXPECT_EQ(check(WasmBytes().op(Op::catch_all)), "end_opcode_expected");
  EXPECT_EQ(check(WasmBytes().block(Op::block).op(Op::catch_).u32(1).end()), "end_opcode_expected");
  EXPECT_EQ(check(try_().op(Op::else_).end()), "end_opcode_expected");
}

TEST(ValidateExceptions, ALegacyDelegateLeadsToABlockAround) {
  EXPECT_EQ(check(try_().op(Op::delegate).u32(0)), "valid");
  EXPECT_EQ(check(try_().op(Op::delegate).u32(1)), "unknown_label");
  EXPECT_EQ(check(try_().op(Op::delegate).u32(UINT32_MAX)), "unknown_label");
  EXPECT_EQ(check(WasmBytes().op(Op::delegate).u32(0)), "end_opcode_expected");
  EXPECT_EQ(check(try_().op(Op::catch_all).op(Op::delegate).u32(0)), "end_opcode_expected");
}

TEST(ValidateExceptions, ALegacyRethrowStandsInACatch) {
  EXPECT_EQ(check(try_().op(Op::catch_all).op(Op::rethrow).u32(0).end()), "valid");
  EXPECT_EQ(check(try_().op(Op::rethrow).u32(0).end()), "invalid_rethrow");
  EXPECT_EQ(check(try_().op(Op::catch_all).op(Op::rethrow).u32(1).end()), "invalid_rethrow");
  EXPECT_EQ(check(try_().op(Op::catch_all).op(Op::rethrow).u32(2).end()), "unknown_label");
  EXPECT_EQ(check(WasmBytes().block(Op::block).op(Op::rethrow).u32(0).end()), "invalid_rethrow");
}

TEST(ValidateExceptions, ATagHasNoResults) {
  ModuleBuilder module;
  module.tag({{}, {I}});
  const std::vector<uint8_t> bytes = module.build();
  auto validated = validate_module(*decode_module(bytes));
  ASSERT_FALSE(validated);
  EXPECT_EQ(validated.error().kind->name, "tag_results");
}

// [L1]
TEST(ValidateExceptions, ThousandsOfTrysAreABlockEach) {
  WasmBytes deep, deeper;
  deep.repeat(kMaxNesting, try_()).repeat(kMaxNesting, WasmBytes().op(Op::catch_all).end());
  EXPECT_EQ(check(deep), "valid");
  deeper.repeat(kMaxNesting + 1, try_());
  EXPECT_EQ(check(deeper), "limit_exceeded");
}

TEST(ValidateExceptions, AThrowIsNotConstant) {
  ModuleBuilder module;
  module.tag({});
  module.global({ValType::exnref, false}, throw_(0));
  const std::vector<uint8_t> bytes = module.build();
  auto decoded = decode_module(bytes);
  EXPECT_FALSE(decoded && validate_module(std::move(*decoded)));
}

// Handlers come after the entries of instructions, the innermost first.
TEST(ValidateExceptions, HandlersAreNotedFromTheInnermostOutwards) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({});
  WasmBytes code = try_();
  code.append(try_table({0})).op(Op::catch_).u32(tag).op(Op::catch_all).end();
  module.func({}, code);
  const std::vector<uint8_t> bytes = module.build();
  const auto validated = validate_module(*decode_module(bytes));
  ASSERT_TRUE(validated);
  const ValidatedFunc& func = (*validated)->funcs()[0];
  const std::span<const SideEntry> handlers = func.handlers();
  ASSERT_EQ(handlers.size(), 3u);
  EXPECT_EQ(func.side_table().size(), 6u);
  EXPECT_EQ(func.locals(), 1u);  // which holds what is caught
  const auto opcode = [&](size_t i) { return static_cast<Op>(bytes[handlers[i].handler.owner]); };
  EXPECT_EQ(opcode(0), Op::try_table);
  EXPECT_EQ(opcode(1), Op::catch_);
  EXPECT_EQ(opcode(2), Op::catch_all);
  EXPECT_EQ(handlers[1].handler.begin, func.body().code.offset + 2);
  EXPECT_EQ(handlers[1].handler.end, handlers[1].handler.owner);
  EXPECT_EQ(handlers[2].handler.end, handlers[1].handler.end);
}

}  // namespace
}  // namespace cordon::wasm
