// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --profile=perfmap: what the jailed run worker leaves for perf.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "tests/tools/jailed_run.h"

namespace cordon::supervisor {
namespace {

namespace fs = std::filesystem;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;

class PerfMapRunTest : public JailedRun {
 protected:
  void TearDown() override {
    if (!map_.empty()) fs::remove(map_);
  }

  // Two functions, the first with a name that would be a line of its own.
  RunReport run(protocol::Engine engine, bool perf_map) {
    ModuleBuilder module;
    module.func_name(module.func({}, {}), "evil\n0 ffffffff main\x1b[2J");
    module.export_("f", ExternKind::Func, module.func({}, WasmBytes().call(0)));
    RunRequest request;
    request.engine = engine;
    request.perf_map = perf_map;
    RunReport report = JailedRun::run(module, request);
    EXPECT_EQ(report.end, RunEnd::Exited) << report.text;
    map_ = report.perf_map;
    return report;
  }

  std::string map_;
};

TEST_F(PerfMapRunTest, HasOneLineAFunctionWhateverItIsCalled) {
  run(protocol::Engine::Jit, true);
  ASSERT_FALSE(map_.empty());
  std::ifstream file(map_);
  std::vector<std::string> names;
  uint64_t end = 0;
  const std::regex shape("([0-9a-f]+) ([0-9a-f]+) ([ -~]+)");
  for (std::string line; std::getline(file, line);) {
    std::smatch parts;
    ASSERT_TRUE(std::regex_match(line, parts, shape)) << line;
    const uint64_t address = std::stoull(parts[1], nullptr, 16);
    EXPECT_GE(address, end);
    EXPECT_GT(address, 0x10000u);
    end = address + std::stoull(parts[2], nullptr, 16);
    EXPECT_GT(end, address);
    names.push_back(parts[3]);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"wasm 0 evil_0 ffffffff main_[2J", "wasm 1"}));
}

TEST_F(PerfMapRunTest, ThereIsNoneUnlessItIsAskedForAndThereIsNativeCode) {
  EXPECT_EQ(run(protocol::Engine::Jit, false).perf_map, "");
  EXPECT_EQ(run(protocol::Engine::Interp, true).perf_map, "");
}

}  // namespace
}  // namespace cordon::supervisor
