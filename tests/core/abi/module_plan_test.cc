// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/abi/module_plan.h"

#include <gtest/gtest.h>

#include "tests/kit/module_builder.h"

namespace cordon::abi {
namespace {

TEST(VmContext, EveryFieldHasItsWidthAndNoneOverlaps) {
  uint32_t at = 0;
  for (const FieldRow& field : kVmFields) {
    EXPECT_EQ(field.offset, at) << field.name;
    EXPECT_TRUE(field.width == 4 || field.width == 8) << field.name;
    at += field.width;
  }
}

TEST(VmContext, NothingThatLeadsOutOfTheSandboxIsReadable) {
  for (const FieldRow& field : kVmFields) {
    bool is_number = field.name == "fuel" || field.name == "memory_pages";
    EXPECT_EQ(field.access == Access::Host, !is_number) << field.name;
    EXPECT_EQ(field.access == Access::ReadWrite, field.name == "fuel") << field.name;
  }
}

TEST(ModulePlan, PartsStandBehindTheFixedFieldsApartAndAligned) {
  testing::ModuleBuilder builder;
  builder.type({{wasm::ValType::i32}, {}});
  builder.type({{wasm::ValType::i64}, {}});
  builder.type({{wasm::ValType::f32}, {}});
  builder.table({wasm::ValType::funcref, {1, 1, true}});
  builder.table({wasm::ValType::funcref, {1, 1, true}});
  builder.global({wasm::ValType::i32, true}, testing::WasmBytes().i32_const(7));
  builder.global({wasm::ValType::i32, false}, testing::WasmBytes().i32_const(7));
  std::vector<uint8_t> bytes = builder.build();
  auto module = wasm::decode_module(bytes);
  ASSERT_TRUE(module) << module.error().message();
  ModulePlan plan(*module);
  EXPECT_EQ(plan.table(0), sizeof(VmContext));
  EXPECT_EQ(plan.type_id(0), plan.table(1) + 8);
  EXPECT_EQ(plan.type_id(2), plan.type_id(0) + 8);
  EXPECT_GE(plan.global(0), plan.type_id(2) + 4);
  EXPECT_EQ(plan.global(0) % 8, 0U);
  EXPECT_EQ(plan.size(), plan.global(1) + 8);
}

TEST(ModulePlan, CodeReachesAnImportedMutableGlobalThroughABuiltinAlone) {
  testing::ModuleBuilder builder;
  builder.import_global("m", "mutable", {wasm::ValType::i32, true});
  builder.import_global("m", "constant", {wasm::ValType::i32, false});
  builder.global({wasm::ValType::i32, true}, testing::WasmBytes().i32_const(7));
  std::vector<uint8_t> bytes = builder.build();
  auto module = wasm::decode_module(bytes);
  ASSERT_TRUE(module) << module.error().message();
  EXPECT_EQ(global_access(*module, 0), Access::Host);
  EXPECT_EQ(global_access(*module, 1), Access::Read);
  EXPECT_EQ(global_access(*module, 2), Access::ReadWrite);
}

}  // namespace
}  // namespace cordon::abi
