// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module that needs a feature which the compiler lacks is interpreted by the default engine, the
// report says so, and nothing is made executable for it; if the JIT is requested, it is refused by
// the feature's name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/jailed_run.h"

namespace cordon::supervisor {
namespace {

using ::testing::HasSubstr;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

class EngineChoice : public JailedRun {
 protected:
  RunReport run(const ModuleBuilder& module, protocol::Engine engine) {
    RunRequest request;
    request.engine = engine;
    return JailedRun::run(module, request);
  }
};

ModuleBuilder module_with(const WasmBytes& code) {
  ModuleBuilder module;
  module.export_("f", ExternKind::Func, module.func({{}, {ValType::i32}}, code));
  return module;
}
ModuleBuilder plain() { return module_with(WasmBytes().i32_const(7)); }
// A block with handlers, of which it has none.
ModuleBuilder with_exceptions() {
  constexpr uint8_t kI32 = 0x7f;
  return module_with(WasmBytes().op(Op::try_table).append({kI32, 0}).i32_const(7).end());
}

TEST_F(EngineChoice, IsTheJitWhereItHasAllThatIsNeeded) {
  const RunReport report = run(plain(), protocol::Engine::Jit);
  EXPECT_EQ(report.output, "7\n") << report.text;
  EXPECT_GT(report.code_bytes, 0u);
  EXPECT_EQ(report.interpreted_for, "");
}

TEST_F(EngineChoice, IsTheJitForExceptions) {
  const RunReport report = run(with_exceptions(), protocol::Engine::Jit);
  EXPECT_EQ(report.output, "7\n") << report.text;
  EXPECT_GT(report.code_bytes, 0u);
}

TEST_F(EngineChoice, IsTheInterpreterForWhatTheCompilerLacks) {
  if (wasm::Features::compiled() == wasm::Features::all())
    GTEST_SKIP() << "the compiler lacks nothing";
  const RunReport report = run(with_exceptions(), protocol::Engine::Auto);
  EXPECT_EQ(report.end, RunEnd::Exited) << report.text;
  EXPECT_EQ(report.output, "7\n");
  EXPECT_EQ(report.code_bytes, 0u);
  EXPECT_THAT(report.interpreted_for, HasSubstr("does not compile exceptions"));
}

TEST_F(EngineChoice, IsNoOtherWhereTheJitIsAskedFor) {
  if (wasm::Features::compiled() == wasm::Features::all())
    GTEST_SKIP() << "the compiler lacks nothing";
  const RunReport report = run(with_exceptions(), protocol::Engine::Jit);
  EXPECT_EQ(report.end, RunEnd::Refused);
  EXPECT_EQ(report.name, "not_compiled");
  EXPECT_EQ(report.text, "the JIT does not compile exceptions; --engine=interp runs it");
  EXPECT_EQ(report.interpreted_for, "");
}

// A module that is invalid as well is that, whatever it needs.
TEST_F(EngineChoice, IsOfNoAccountForAnInvalidModule) {
  for (const auto engine : {protocol::Engine::Jit, protocol::Engine::Auto}) {
    const RunReport report = run(module_with(WasmBytes().op(Op::return_call).u32(99)), engine);
    EXPECT_EQ(report.end, RunEnd::Refused);
    EXPECT_EQ(report.name, "unknown_function") << report.text;
    EXPECT_EQ(report.interpreted_for, "");
  }
}

}  // namespace
}  // namespace cordon::supervisor
