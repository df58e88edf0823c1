// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The specification's suites of what the compiler lacks, in the interpreter, with fuel and without.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "sandbox/cli/wast_runner.h"
#include "tests/kit/environment.h"

namespace cordon {
namespace {

namespace fs = std::filesystem;

// A suite, and how many commands it has at least.
struct Suite {
  const char* name;
  const char* directory;
  uint64_t commands;
};
constexpr Suite kSuites[] = {
    {"TailCall", "3.0/tail-call", 115},
};

class ProposalSuite : public testing::NeedsSpecSuite, public ::testing::WithParamInterface<Suite> {
 protected:
  void expect_every_command_to_pass(int64_t fuel) const {
    cli::WastReport sum;
    engine::Config config;
    config.fuel = fuel;
    for (const auto& entry : fs::recursive_directory_iterator(directory() / GetParam().directory)) {
      if (entry.path().extension() != ".json") continue;
      auto report = cli::run_wast(entry.path(), config);
      ASSERT_TRUE(report) << report.error().message();
      sum.add(*report);
    }
    std::cout << sum.table();
    for (const cli::WastFailure& failure : sum.failures) {
      ADD_FAILURE() << failure.script << ":" << failure.line << ": " << failure.kind << ": "
                    << failure.problem;
    }
    EXPECT_GE(sum.total().passed, GetParam().commands);
  }
};

TEST_P(ProposalSuite, EveryCommandPasses) {
  expect_every_command_to_pass(runtime::Execution::kUnlimitedFuel);
}
TEST_P(ProposalSuite, EveryCommandPassesWithFuel) {
  expect_every_command_to_pass(int64_t{1} << 60);
}

INSTANTIATE_TEST_SUITE_P(Proposals, ProposalSuite, ::testing::ValuesIn(kSuites),
                         [](const auto& suite) { return std::string(suite.param.name); });

}  // namespace
}  // namespace cordon
