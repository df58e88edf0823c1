// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// V8 as an oracle: it must see differences, and on generated modules there are none. Skipped, and
// so counted, where there is no node; with CI=true a failure there.
#include "fuzz/oracle/reference/reference.h"

#include <gtest/gtest.h>

#include "fuzz/gen/module_gen.h"
#include "fuzz/oracle/observe.h"
#include "fuzz/oracle/reference/lines.h"
#include "fuzz/oracle/reference/request.h"
#include "tests/kit/engines.h"
#include "tests/kit/environment.h"
#include "tests/kit/module_builder.h"

namespace cordon::fuzz {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::FuncType;
using wasm::Op;
using wasm::ValType;

constexpr int kPatienceMs = 300;

TEST(Child, AnswersUntilItIsGone) {
  Child echo({"cat"}, kPatienceMs);
  EXPECT_FALSE(echo.running());
  ASSERT_TRUE(echo.start());
  EXPECT_EQ(echo.ask("one"), "one");
  // More than the pipes hold, while `cat` waits until its output so far is read.
  EXPECT_EQ(echo.ask(std::string(4 << 20, 'x')), std::nullopt);
  EXPECT_FALSE(echo.running());
  ASSERT_TRUE(echo.start());
  EXPECT_EQ(echo.ask(""), "");
}

TEST(Child, OneThatHangsIsStopped) {
  Child hangs({"sleep", "100"}, kPatienceMs);
  ASSERT_TRUE(hangs.start());
  EXPECT_EQ(hangs.ask("?"), std::nullopt);
  EXPECT_FALSE(hangs.running());
}

TEST(Child, OneThatEndsOrIsNotThereHasNoAnswer) {
  Child ends({"true"});
  ASSERT_TRUE(ends.start());
  EXPECT_EQ(ends.ask("?"), std::nullopt);
  EXPECT_FALSE(ends.running());
  Child none({"no-such-program-anywhere"});
  EXPECT_FALSE(none.start() && none.ask("?").has_value());
}

class ReferenceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!reference_.name().empty()) return;
    if (testing::data_is_required()) FAIL() << "no node, in which V8 is the reference";
    GTEST_SKIP() << "needs node: ci/install --npm brings it, CORDON_NODE names another";
  }
  Reference reference_;
};

TEST_F(ReferenceTest, AgreesOnGeneratedModules) {
  constexpr uint64_t kModules = 200;
  uint64_t compared = 0;
  for (uint64_t seed = 0; seed < kModules; ++seed) {
    const Verdict verdict = reference_.compare_generated(bytes_of_seed(seed), seed % 2 == 1);
    EXPECT_FALSE(is_finding(verdict)) << "seed " << seed << ": " << verdict.text;
    compared += verdict.kind == Verdict::Agrees ? 1 : 0;
  }
  EXPECT_GT(compared, kModules * 3 / 4);
}

// A module with one of everything that is compared, and what V8 says of it.
ModuleBuilder everything() {
  ModuleBuilder module;
  const FuncType deed{{ValType::i32}, {ValType::i32}};
  const uint32_t grow = module.import_func("host", "grow", deed);
  const uint32_t peer = module.import_func("peer", "f", deed);
  module.memory({.min = 1, .max = 3, .has_max = true});
  module.table({ValType::funcref, {.min = 4}});
  module.global({ValType::f64, true}, WasmBytes().f64_const(0.5));
  WasmBytes code;
  code.i32_const(70'000).i32_const(1).call(grow).access(Op::i32_store);
  code.i32_const(1).op(Op::ref_func).u32(2).op(Op::table_set).u32(0);
  code.i32_const(2).op(Op::ref_func).u32(peer).op(Op::table_set).u32(0);
  code.i32_const(7).call(peer);
  module.export_("f", ExternKind::Func, module.func({{}, {ValType::i32}}, code));
  module.elem(0, {2, grow, peer});
  module.export_("g", ExternKind::Func, module.func({}, WasmBytes().op(Op::unreachable)));
  module.export_("memory", ExternKind::Memory, 0);
  module.export_("table", ExternKind::Table, 0);
  module.export_("global", ExternKind::Global, 0);
  return module;
}

TEST_F(ReferenceTest, SeesEverything) {
  const std::vector<uint8_t> bytes = everything().build();
  const Verdict verdict = reference_.compare(bytes);
  EXPECT_EQ(verdict.kind, Verdict::Agrees) << verdict.text;
  const Result<wasm::Module> module = wasm::decode_module(bytes);
  ASSERT_TRUE(module.has_value());
  const std::string lines =
      lines_of(observe(testing::kReference.engine, bytes, Bounds::Far), *module);
  for (const char* expected : {"instantiation returns\n", "host grow i32:1\ncall f returns i32:7\n",
                               "call g unreachable at 3:", "memory memory 3 pages, hash ",
                               "\nglobal global f64:3fe0000000000000\n",
                               "table table funcref:0 funcref:0 funcref:foreign funcref:null\n",
                               "memory peer 1 pages, hash "}) {
    EXPECT_NE(lines.find(expected), std::string::npos) << expected << "in\n" << lines;
  }
}

TEST_F(ReferenceTest, DiffersOnWhatCordonRefuses) {
  // V8 has threads, and accepts them in a module that is not run.
  ModuleBuilder module;
  constexpr uint8_t kPrefix = 0xfe, kFence = 0x03;
  module.func({}, WasmBytes({kPrefix, kFence, 0}));
  const Verdict verdict = reference_.compare(module.build());
  EXPECT_EQ(verdict.kind, Verdict::Differs);
  EXPECT_NE(verdict.text.find("there [accepted]"), std::string::npos) << verdict.text;
}

TEST_F(ReferenceTest, SkipsWhatCannotBeCompared) {
  ModuleBuilder module;
  module.memory({.min = 1});
  EXPECT_EQ(reference_.compare(module.build()).kind, Verdict::Skipped);
}

}  // namespace
}  // namespace cordon::fuzz
