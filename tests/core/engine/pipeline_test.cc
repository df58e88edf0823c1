// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/pipeline.h"

#include <gtest/gtest.h>

#include "tests/kit/module_builder.h"

namespace cordon::engine {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ValType;

DiagnosticClass refused_as(const std::vector<uint8_t>& bytes, const Config& config = {}) {
  auto loaded = load(bytes, config);
  EXPECT_FALSE(loaded);
  return loaded ? DiagnosticClass::Os : loaded.error().kind->klass;
}

TEST(Pipeline, GivesAModuleAndTimes) {
  ModuleBuilder module;
  module.func({{}, {ValType::i32}}, WasmBytes().i32_const(1));
  std::vector<uint8_t> bytes = module.build();
  auto loaded = load(bytes);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(loaded->module->funcs().size(), 1U);
  EXPECT_GT(loaded->times.decode_ns, 0U);
  EXPECT_GT(loaded->times.validate_ns, 0U);
}

TEST(Pipeline, TellsMalformedFromInvalid) {
  EXPECT_EQ(refused_as({}), DiagnosticClass::Malformed);
  EXPECT_EQ(refused_as({0, 'a', 's', 'm', 2, 0, 0, 0}), DiagnosticClass::Malformed);
  ModuleBuilder invalid;
  invalid.func({{}, {ValType::i32}}, WasmBytes().i64_const(1));
  EXPECT_EQ(refused_as(invalid.build()), DiagnosticClass::Invalid);
}

TEST(Pipeline, AFeatureThatIsOffIsUnsupported) {
  ModuleBuilder module;
  module.func({{ValType::i32}, {ValType::i32}},
              WasmBytes().local_get(0).op(wasm::Op::i32_extend8_s));
  std::vector<uint8_t> bytes = module.build();
  EXPECT_TRUE(load(bytes));
  Config config;
  config.features = config.features.without(wasm::Feature::sign_extension);
  EXPECT_EQ(refused_as(bytes, config), DiagnosticClass::Unsupported);
}

}  // namespace
}  // namespace cordon::engine
