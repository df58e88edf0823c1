// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Limits that end a run, told by the built program: which it was, and with which status ([L1]).
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/module_builder.h"
#include "tests/wasi/command.h"

namespace cordon::tests {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::ValType;
using enum wasm::Op;

class LimitsTest : public ::testing::TestWithParam<const char*> {
 protected:
  // Runs the module; the report is in the directory.
  Finished run(const ModuleBuilder& module, std::vector<std::string> options) const {
    const std::vector<uint8_t> bytes = module.build();
    std::ofstream(path("m.wasm"), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    std::vector<std::string> args = {GetParam(), "--jail=degraded", "--report", path("report")};
    args.insert(args.end(), options.begin(), options.end());
    args.push_back(path("m.wasm"));
    return run_cordon(args);
  }
  std::string path(const std::string& name) const { return directory_.path() + "/" + name; }
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
  const WasmBytes body = WasmBytes()
                             .i32_const(0)
                             .i32_const(1024)
                             .access(i32_store, 0, 2)
                             .i32_const(4)
                             .i32_const(1000)
                             .access(i32_store, 0, 2)
                             .i32_const(8)
                             .i32_const(1024)
                             .access(i32_store, 0, 2)
                             .i32_const(12)
                             .i32_const(100)
                             .access(i32_store, 0, 2)
                             .block(loop);
  const auto write = [](int32_t fd, int32_t iovec) {
    return WasmBytes().i32_const(fd).i32_const(iovec).i32_const(1).i32_const(32).call(0).op(drop);
  };
  const WasmBytes all = WasmBytes(body).append(write(1, 0)).append(write(2, 8)).br(0).end();
  module.export_("_start", ExternKind::Func, module.func({}, all));
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

INSTANTIATE_TEST_SUITE_P(Engines, LimitsTest, ::testing::Values("--engine=jit", "--engine=interp"),
                         [](const auto& info) {
                           return std::string(info.param).substr(sizeof "--engine=" - 1);
                         });

}  // namespace
}  // namespace cordon::tests
