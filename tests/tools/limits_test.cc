// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Limits that end a run, by the built program: which limit is reported, with which status ([L1]).
#include "core/wasm/limits.h"

#include <gtest/gtest.h>

#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"
#include "tests/wasi/command.h"

namespace cordon::tests {
namespace {

using testing::ModuleBuilder;
using testing::TemporaryDirectory;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::ValType;
using enum wasm::Op;

class LimitsTest : public ::testing::TestWithParam<const char*> {
 protected:
  // Runs the module; the report is in the directory.
  Finished run(const ModuleBuilder& module, std::vector<std::string> options) const {
    directory_.write("m.wasm", module.build());
    std::vector<std::string> args = {GetParam(), "--jail=degraded", "--report",
                                     directory_ / "report"};
    args.insert(args.end(), options.begin(), options.end());
    args.push_back(directory_ / "m.wasm");
    return run_cordon(args);
  }
  bool reported(const std::string& text) const {
    return directory_.read("report").find(text) != std::string::npos;
  }

  TemporaryDirectory directory_;
};

// Writes 1000 bytes to standard output and 100 to standard error, again and again.
ModuleBuilder flood() {
  ModuleBuilder module;
  const std::vector<ValType> four(4, ValType::i32);
  module.import_func("wasi_snapshot_preview1", "fd_write", {four, {ValType::i32}});
  module.memory({1, 1, true});
  WasmBytes body;
  int32_t at = 0;
  for (const int32_t word : {1024, 1000, 1024, 100}) {  // two of address and size
    body.i32_const(at).i32_const(word).access(i32_store, 0, 2);
    at += 4;
  }
  const auto write = [](int32_t fd, int32_t iovec) {
    return WasmBytes().i32_const(fd).i32_const(iovec).i32_const(1).i32_const(32).call(0).op(drop);
  };
  body.block(loop).append(write(1, 0)).append(write(2, 8)).br(0).end();
  module.export_("_start", ExternKind::Func, module.func({}, body));
  return module;
}

TEST_P(LimitsTest, OutputEndsToTheByteWithAVerdictOfItsOwn) {
  const Finished ended = run(flood(), {"--max-output", "10500"});
  EXPECT_EQ(ended.status, 134) << ended.err;
  EXPECT_EQ(ended.out.size(), 9'600u);  // of 10 500, with nine times 100 to standard error
  EXPECT_NE(ended.err.find("output limit exceeded"), std::string::npos);
  EXPECT_TRUE(reported("\"limit\": \"output\"")) << directory_.read("report");
  EXPECT_TRUE(reported("\"trap\": \"output_limit\""));
}

// [L1] The worker's own limit has room for both beside each other.
TEST_P(LimitsTest, ALargeStackTakesNothingOfTheMemory) {
  ModuleBuilder module;
  module.memory({1, 1024});
  WasmBytes body;
  body.i32_const(1023).op(memory_grow).u8(0).i32_const(1).op(i32_ne);
  body.block(if_).op(unreachable).end();
  body.i32_const((1 << 26) - 4).i32_const(1).access(i32_store, 0, 2);
  module.export_("_start", ExternKind::Func, module.func({}, body));
  for (const char* stack : {"512M", "1G", "8G"}) {
    const Finished ended = run(module, {"--max-memory", "64M", "--max-stack", stack});
    EXPECT_EQ(ended.status, 0) << stack << ended.err;
  }
}

TEST_P(LimitsTest, NoOutputAtAllCanBeAsked) {
  const Finished ended = run(flood(), {"--max-output", "0"});
  EXPECT_EQ(ended.status, 134) << ended.err;
  EXPECT_EQ(ended.out, "");
}

TEST_P(LimitsTest, ATrapAfterATableMetItsLimitSaysSo) {
  ModuleBuilder module;
  module.table({ValType::funcref, {1}});
  const WasmBytes grow = WasmBytes()
                             .op(ref_null)
                             .type(ValType::funcref)
                             .i32_const(20'000'000)
                             .op(table_grow)
                             .u32(0)
                             .i32_const(0)
                             .op(i32_lt_s)
                             .block(if_)
                             .op(unreachable)
                             .end();
  module.export_("_start", ExternKind::Func, module.func({}, grow));
  const Finished ended = run(module, {});
  EXPECT_EQ(ended.status, 134) << ended.err;
  EXPECT_NE(ended.err.find("unreachable (after the limit of 10000000 table elements was met)"),
            std::string::npos)
      << ended.err;
  EXPECT_TRUE(reported("\"limit\": \"table\"")) << directory_.read("report");
}

// [L1] [E1] What the JIT writes for one function grows to megabytes, of code and of trap sites.
TEST_P(LimitsTest, AFunctionOfVeryManyLoadsRuns) {
  ModuleBuilder module;
  module.memory({1, {}, false});
  const WasmBytes load = WasmBytes().i32_const(0).access(i32_load, 0, 2).op(drop);
  module.export_("_start", ExternKind::Func, module.func({}, WasmBytes().repeat(200'000, load)));
  const Finished ended = run(module, {});
  EXPECT_EQ(ended.status, 0) << ended.err;
}

// Functions of `branches` conditional branches, each of which moves as many operands as possible,
// past one that stays: much machine code for two bytes.
ModuleBuilder branches_with_operands(uint32_t funcs, size_t branches) {
  ModuleBuilder module;
  const std::vector<ValType> thousand(wasm::kMaxResults, ValType::i32);
  const wasm::FuncType type{{}, thousand};
  const WasmBytes branch = WasmBytes().local_get(0).br_if(0);
  const WasmBytes body = WasmBytes()
                             .repeat(1 + thousand.size(), WasmBytes().local_get(0))
                             .repeat(branches, branch)
                             .br(0);
  for (uint32_t i = 0; i < funcs; ++i) module.func(type, body, {{1, ValType::i32}});
  module.export_("_start", ExternKind::Func, module.func({}, {}));
  return module;
}

// [L1] [E1] Bombs end as a refusal that names the limit.
class CompileLimitsTest : public LimitsTest {
 protected:
  void expect_refusal(const ModuleBuilder& module, const std::string& text) const {
    const Finished ended = run(module, {});
    EXPECT_EQ(ended.status, 1) << ended.err;
    EXPECT_NE(ended.err.find(text), std::string::npos) << ended.err;
  }
};

TEST_P(CompileLimitsTest, AFunctionWithTooMuchCodeIsRefused) {
  expect_refusal(branches_with_operands(1, 100'000), "machine code beyond the limit of its buffer");
}

TEST_P(CompileLimitsTest, AModuleWithTooMuchCodeForItsSizeIsRefused) {
#ifdef CORDON_SANITIZED
  GTEST_SKIP() << "a sanitizer takes memory of its own, and so workers have no RLIMIT_DATA";
#endif
  expect_refusal(branches_with_operands(40, 4'000), "more memory than its size allows");
}

INSTANTIATE_TEST_SUITE_P(Engines, CompileLimitsTest, ::testing::Values("--engine=jit"),
                         [](const auto&) { return "jit"; });
INSTANTIATE_TEST_SUITE_P(Engines, LimitsTest, ::testing::Values("--engine=jit", "--engine=interp"),
                         [](const auto& info) {
                           return std::string(info.param).substr(sizeof "--engine=" - 1);
                         });

}  // namespace
}  // namespace cordon::tests
