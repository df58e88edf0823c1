// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The whole of the specification's test suite through decoder, validator, linker and each engine.
// Fails on any command that fails, and when a suite is not as large as it should be.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <vector>

#include "core/embed/jit_code_source.h"
#include "sandbox/cli/wast_runner.h"
#include "tests/kit/engines.h"
#include "tests/kit/environment.h"
#include "tests/kit/growth.h"

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

// The suites of vectors, as they come with release 2.0 and with 3.0.
const Edition kVectors = {{{"assert_invalid", 669},
                           {"assert_malformed", 510},
                           {"assert_return", 24273},
                           {"assert_trap", 54},
                           {"module", 472},
                           {"register", 1}},
                          510,
                          0};
const Edition kTailCalls = {{{"assert_invalid", 27},
                             {"assert_malformed", 11},
                             {"assert_return", 75},
                             {"assert_trap", 7},
                             {"module", 6}},
                            11,
                            0};
const Edition kRelaxedVectors = {{{"assert_return", 69}, {"module", 8}}, 0, 0};

struct Spec : testing::NeedsSpecSuite {
  cli::WastReport report_of(const char* suite, const engine::Config& config) const;
  void every_command_of_the_core_suite_passes(const engine::Config& config) const;
  void every_command_passes(const char* suite, const Edition& edition,
                            const engine::Config& config) const;
};

cli::WastReport Spec::report_of(const char* suite, const engine::Config& config) const {
  cli::WastReport sum;
  for (const fs::path& script : scripts_beneath(directory() / suite)) {
    auto report = cli::run_wast(script, config);
    if (!report) {
      ADD_FAILURE() << report.error().message();
      continue;
    }
    sum.add(*report);
  }
  std::cout << sum.table();
  return sum;
}

void expect_no_failure(const cli::WastReport& sum) {
  for (const cli::WastFailure& failure : sum.failures) {
    ADD_FAILURE() << failure.script << ":" << failure.line << ": " << failure.kind << ": "
                  << failure.problem;
  }
}

void Spec::every_command_of_the_core_suite_passes(const engine::Config& config) const {
  const Edition& edition = is_fetched() ? kFetched : kRelease;
  cli::WastReport sum = report_of("2.0/core", config);
  EXPECT_EQ(std::erase_if(sum.failures, is_large_alignment), edition.large_alignments);
  expect_no_failure(sum);
  for (const auto& [kind, expected] : edition.commands) {
    const cli::WastCounts& counts = sum.kinds[kind];
    EXPECT_EQ(counts.passed + counts.failed + counts.skipped, expected) << kind;
    EXPECT_EQ(counts.skipped, kind == "assert_malformed" ? edition.malformed_text : 0) << kind;
  }
  EXPECT_EQ(sum.kinds.size(), edition.commands.size());
}

// How many commands the fetched suite has is not known here: more than half as many.
void Spec::every_command_passes(const char* suite, const Edition& edition,
                                const engine::Config& config) const {
  const cli::WastReport sum = report_of(suite, config);
  expect_no_failure(sum);
  for (const auto& [kind, expected] : edition.commands) {
    const auto found = sum.kinds.find(kind);
    const cli::WastCounts counts = found == sum.kinds.end() ? cli::WastCounts{} : found->second;
    const uint64_t commands = counts.passed + counts.failed + counts.skipped;
    if (is_fetched()) {
      EXPECT_GT(2 * commands, expected) << kind;
    } else {
      EXPECT_EQ(commands, expected) << kind;
    }
  }
}

// A way to run a suite.
struct Way {
  std::string_view name;
  engine::Engine engine;
  uint64_t piece_bytes = UINT64_MAX;
  int64_t fuel = runtime::Execution::kUnlimitedFuel;
  uint32_t cpu_features = ~uint32_t{0};  // that compiled code may use
  // How code comes while a module runs, as a number; none: as by default.
  std::optional<uint64_t> growth = {};
};

constexpr int64_t kMuchFuel = int64_t{1} << 60;

// Thresholds of 0 and 1 with code that comes at once, and others (tests/kit/growth.h).
constexpr std::pair<std::string_view, uint64_t> kGrowths[] = {
    {"AutoAtOnce", 16}, {"AutoByOne", 20}, {"AutoBySchedule", 1005}, {"AutoLate", 77}};

// Each engine; then, where there is a compiler, a piece a function, so that every call of another
// one goes by the table of entries, or back; and fuel that no test ever spends: the code that
// charges it must mean the same ([D1]).
std::vector<Way> all_ways() {
  std::vector<Way> ways;
  for (const testing::EngineRow& row : testing::kEngines) ways.push_back({row.name, row.engine});
  for (const auto& [name, growth] : kGrowths) {
    ways.push_back({.name = name, .engine = engine::Engine::Auto, .growth = growth});
  }
  ways.push_back({"JitInPieces", engine::Engine::Jit, 1});
  ways.push_back({"JitWithFuel", engine::Engine::Jit, UINT64_MAX, kMuchFuel});
  return ways;
}

// The same, and each level of the processor that vectors are compiled for.
std::vector<Way> ways_with_vectors() {
  std::vector<Way> ways = all_ways();
  constexpr auto kUnlimited = runtime::Execution::kUnlimitedFuel;
  ways.push_back({"InterpWithFuel", engine::Engine::Interp, UINT64_MAX, kMuchFuel});
#if defined(CORDON_MACHINE_X64)
  constexpr auto kAvx = static_cast<uint32_t>(abi::CpuFeature::Avx);
  ways.push_back({"JitWithAvx", engine::Engine::Jit, UINT64_MAX, kUnlimited, kAvx});
#endif
  ways.push_back({"JitForLeast", engine::Engine::Jit, UINT64_MAX, kUnlimited, 0});
  return ways;
}

template <class Run>
void run_by(const Way& way, Run run) {
  const abi::Target target{abi::detect_target().cpu_features & way.cpu_features};
  embed::JitCodeSource compiler({.target = target, .piece_bytes = way.piece_bytes});
  engine::Config config;
  config.engine = way.engine;
  config.code_source = &compiler;
  config.fuel = way.fuel;
  embed::JitCodeFeeds by_default;
  config.code_feeds = &by_default;
  testing::Growth growth(way.growth.value_or(0), target);
  if (way.growth) growth.fill(config);
  run(config);
}
std::string name_of(const ::testing::TestParamInfo<Way>& way) {
  return std::string(way.param.name);
}

class SpecSuite : public Spec, public ::testing::WithParamInterface<Way> {};
class VectorSuites : public Spec, public ::testing::WithParamInterface<Way> {};

TEST_P(SpecSuite, EveryCommandPasses) {
  run_by(GetParam(),
         [&](const engine::Config& config) { every_command_of_the_core_suite_passes(config); });
}

TEST_P(SpecSuite, EveryCommandOfTailCallsPasses) {
  run_by(GetParam(), [&](const engine::Config& config) {
    every_command_passes("3.0/tail-call", kTailCalls, config);
  });
}

TEST_P(VectorSuites, EveryCommandPasses) {
  run_by(GetParam(),
         [&](const engine::Config& config) { every_command_passes("2.0/simd", kVectors, config); });
}

TEST_P(VectorSuites, EveryRelaxedCommandPasses) {
  run_by(GetParam(), [&](const engine::Config& config) {
    every_command_passes("3.0/relaxed-simd", kRelaxedVectors, config);
  });
}

INSTANTIATE_TEST_SUITE_P(Core, SpecSuite, ::testing::ValuesIn(all_ways()), name_of);
INSTANTIATE_TEST_SUITE_P(Simd, VectorSuites, ::testing::ValuesIn(ways_with_vectors()), name_of);

}  // namespace
}  // namespace cordon
