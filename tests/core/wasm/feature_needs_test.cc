// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/feature_needs.h"

#include <gtest/gtest.h>

#include "core/wasm/validated.h"
#include "tests/core/wasm/sample_module.h"
#include "tests/kit/module_builder.h"

namespace cordon::wasm {
namespace {

using namespace testing;

std::string needs(const ModuleBuilder& module) {
  const std::vector<uint8_t> bytes = module.build();
  const auto decoded = decode_module(bytes);
  EXPECT_TRUE(decoded);
  std::string text;
  for (const Feature feature : features_needed(*decoded)) (text += name_of(feature)) += ' ';
  return text;
}

std::string needs(const FuncType& type, const WasmBytes& code) {
  ModuleBuilder module;
  module.memory({1});
  module.table({ValType::funcref, {1}});
  module.table({ValType::funcref, {1}});
  module.func(type, code);
  return needs(module);
}

TEST(FeatureNeeds, AreThoseOfTheInstructionsAndTypes) {
  ModuleBuilder plain;
  plain.func({{ValType::i32}, {ValType::i32}}, WasmBytes().local_get(0));
  EXPECT_EQ(needs(plain), "");
  EXPECT_EQ(needs(ModuleBuilder()), "");
  ModuleBuilder two;
  two.func({{}, {ValType::i32, ValType::i32}},
           WasmBytes().i32_const(0).i32_const(1).op(Op::i32_extend8_s));
  EXPECT_EQ(needs(two), "sign-extension multi-value ");
  ModuleBuilder saturating;
  saturating.func({}, WasmBytes().f32_const(0).op(Op::i32_trunc_sat_f32_s).op(Op::drop));
  EXPECT_EQ(needs(saturating), "saturating-float-to-int ");
  ModuleBuilder sum;
  sum.global({ValType::i32, false}, WasmBytes().i32_const(1).i32_const(2).op(Op::i32_add));
  EXPECT_EQ(needs(sum), "extended-const ");
  ModuleBuilder passive;
  passive.memory({1});
  passive.passive_data("x");
  EXPECT_EQ(needs(passive), "bulk-memory ");
}

// Without reference types the table of a call is a zero byte: what is not that is not a feature
// that is off, but malformed.
TEST(FeatureNeeds, AreSeenByWhatIsThenNoModule) {
  EXPECT_EQ(needs({}, WasmBytes().i32_const(0).op(Op::call_indirect).u32(0).u32(1)),
            "reference-types ");
}

std::string compiled(const ModuleBuilder& module) {
  const std::vector<uint8_t> bytes = module.build();
  auto decoded = decode_module(bytes);
  EXPECT_TRUE(decoded);
  const auto validated = validate_module_with_uses(std::move(*decoded));
  return validated ? "compiled" : validated.error().message();
}

// The compiler has every feature that there is; defects of a module are what it is refused for.
TEST(FeatureNeeds, TheCompilerLacksNothing) {
  constexpr uint8_t kNone = 0x40;
  const WasmBytes block = WasmBytes().op(Op::try_table).append({kNone, 0}).end();
  ModuleBuilder plain, throws, both;
  plain.func({}, WasmBytes());
  EXPECT_EQ(compiled(plain), "compiled");
  throws.func({}, block);
  EXPECT_EQ(compiled(throws), "compiled");
  both.func({}, block);
  both.func({}, WasmBytes().call(9));
  EXPECT_TRUE(compiled(both).starts_with("unknown function")) << compiled(both);
}

}  // namespace
}  // namespace cordon::wasm
