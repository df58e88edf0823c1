// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The specification's suites of proposals, with fuel and without: in the interpreter, and where the
// compiler has what it takes, compiled as one piece and as a piece a function.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "core/embed/jit_code_source.h"
#include "sandbox/cli/wast_runner.h"
#include "tests/kit/environment.h"

namespace cordon {
namespace {

namespace fs = std::filesystem;

// A suite, how many commands it has at least, and how many of them are on modules that need typed
// function references or recursive types, which Cordon lacks.
struct Suite {
  const char* name;
  const char* directory;
  uint64_t commands;
  uint64_t lacked = 0;
};
constexpr Suite kSuites[] = {
    {"Exceptions", "3.0/exceptions", 90, 13},
    {"LegacyExceptions", "3.0/legacy-exceptions", 89},
};

bool is_lacked(const cli::WastFailure& failure) {
  const uint64_t line = failure.line;
  return (failure.script == "tag.json" && line >= 30 && line <= 60) ||
         (failure.script == "try_table.json" && line >= 420 && line <= 484);
}

class ProposalSuite : public testing::NeedsSpecSuite, public ::testing::WithParamInterface<Suite> {
 protected:
  void every_command_passes(int64_t fuel) const {
    engine::Config config;
    config.fuel = fuel;
    config.engine = engine::Engine::Interp;
    every_command_passes(config);
    config.engine = engine::Engine::Jit;
    for (const uint64_t piece_bytes : {UINT64_MAX, uint64_t{1}}) {
      embed::JitCodeSource compiler({.piece_bytes = piece_bytes});
      config.code_source = &compiler;
      every_command_passes(config);
    }
  }

 private:
  void every_command_passes(const engine::Config& config) const {
    cli::WastReport sum;
    for (const auto& entry : fs::recursive_directory_iterator(directory() / GetParam().directory)) {
      if (entry.path().extension() != ".json") continue;
      auto report = cli::run_wast(entry.path(), config);
      ASSERT_TRUE(report) << report.error().message();
      sum.add(*report);
    }
    std::cout << sum.table();
    EXPECT_EQ(std::erase_if(sum.failures, is_lacked), GetParam().lacked);
    for (const cli::WastFailure& failure : sum.failures) {
      ADD_FAILURE() << failure.script << ":" << failure.line << ": " << failure.kind << ": "
                    << failure.problem;
    }
    EXPECT_GE(sum.total().passed, GetParam().commands);
  }
};

TEST_P(ProposalSuite, EveryCommandPasses) {
  every_command_passes(runtime::Execution::kUnlimitedFuel);
}
TEST_P(ProposalSuite, EveryCommandPassesWithFuel) { every_command_passes(int64_t{1} << 60); }

INSTANTIATE_TEST_SUITE_P(Proposals, ProposalSuite, ::testing::ValuesIn(kSuites),
                         [](const auto& suite) { return std::string(suite.param.name); });

}  // namespace
}  // namespace cordon
