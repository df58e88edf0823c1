// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The whole of the specification's test suite through decoder, validator, linker and each engine.
// Fails on any command that fails, and when the suite is not as large as it should be.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <vector>

#include "core/embed/jit_code_source.h"
#include "sandbox/cli/wast_runner.h"
#include "tests/kit/engines.h"
#include "tests/kit/environment.h"

namespace cordon {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> scripts_beneath(const fs::path& directory) {
  std::vector<fs::path> scripts;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.path().extension() == ".json") scripts.push_back(entry.path());
  }
  std::sort(scripts.begin(), scripts.end());
  return scripts;
}

// What 2.0/core of a suite has, by the command's type.
struct Edition {
  std::map<std::string, uint64_t> commands;
  uint64_t malformed_text;
  // An alignment of 2^32 and more: malformed in release 2.0, and in 3.0, which gives these bits
  // another meaning, invalid. Cordon refuses such modules as 3.0 does.
  uint64_t large_alignments;
};
const Edition kRelease = {{{"action", 155},
                           {"assert_exhaustion", 15},
                           {"assert_invalid", 1475},
                           {"assert_malformed", 1303},
                           {"assert_return", 21363},
                           {"assert_trap", 2354},
                           {"assert_uninstantiable", 34},
                           {"assert_unlinkable", 83},
                           {"module", 1128},
                           {"register", 18}},
                          567,
                          0};
const Edition kFetched = {{{"action", 155},
                           {"assert_exhaustion", 15},
                           {"assert_invalid", 1471},
                           {"assert_malformed", 1300},
                           {"assert_return", 21453},
                           {"assert_trap", 2354},
                           {"assert_uninstantiable", 34},
                           {"assert_unlinkable", 83},
                           {"module", 1126},
                           {"register", 21}},
                          581,
                          5};

bool is_large_alignment(const cli::WastFailure& failure) {
  return failure.script == "align.json" && failure.problem.starts_with("alignment must not be") &&
         failure.problem.ends_with("expected malformed: malformed memop flags");
}

struct Spec : testing::NeedsSpecSuite {
  void every_command_of_the_core_suite_passes(const engine::Config& config) const;
};

void Spec::every_command_of_the_core_suite_passes(const engine::Config& config) const {
  const Edition& edition = is_fetched() ? kFetched : kRelease;
  cli::WastReport sum;
  for (const fs::path& script : scripts_beneath(directory() / "2.0" / "core")) {
    auto report = cli::run_wast(script, config);
    ASSERT_TRUE(report) << report.error().message();
    sum.add(*report);
  }
  std::cout << sum.table();
  EXPECT_EQ(std::erase_if(sum.failures, is_large_alignment), edition.large_alignments);
  for (const cli::WastFailure& failure : sum.failures) {
    ADD_FAILURE() << failure.script << ":" << failure.line << ": " << failure.kind << ": "
                  << failure.problem;
  }
  for (const auto& [kind, expected] : edition.commands) {
    const cli::WastCounts& counts = sum.kinds[kind];
    EXPECT_EQ(counts.passed + counts.failed + counts.skipped, expected) << kind;
    EXPECT_EQ(counts.skipped, kind == "assert_malformed" ? edition.malformed_text : 0) << kind;
  }
  EXPECT_EQ(sum.kinds.size(), edition.commands.size());
}

// A way to run the suite.
struct Way {
  std::string_view name;
  engine::Engine engine;
  uint64_t piece_bytes = UINT64_MAX;
  int64_t fuel = runtime::Execution::kUnlimitedFuel;
};

// Each engine; then, where there is a compiler, a piece a function, so that every call of another
// one goes by the table of entries, or back; and fuel that no test ever spends: the code that
// charges it must mean the same ([D1]).
std::vector<Way> all_ways() {
  std::vector<Way> ways;
  for (const testing::EngineRow& row : testing::kEngines) ways.push_back({row.name, row.engine});
  ways.push_back({"JitInPieces", engine::Engine::Jit, 1});
  ways.push_back({"JitWithFuel", engine::Engine::Jit, UINT64_MAX, int64_t{1} << 60});
  return ways;
}

class SpecSuite : public Spec, public ::testing::WithParamInterface<Way> {};

TEST_P(SpecSuite, EveryCommandPasses) {
  embed::JitCodeSource compiler({.piece_bytes = GetParam().piece_bytes});
  engine::Config config;
  config.engine = GetParam().engine;
  config.code_source = &compiler;
  config.fuel = GetParam().fuel;
  every_command_of_the_core_suite_passes(config);
}

INSTANTIATE_TEST_SUITE_P(Core, SpecSuite, ::testing::ValuesIn(all_ways()),
                         [](const auto& way) { return std::string(way.param.name); });

}  // namespace
}  // namespace cordon
