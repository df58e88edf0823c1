// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A hostile compile worker, the real run worker beside it, and the supervisor between them: every
// invalid answer ends the run with a clear verdict, and no process is left ([P1] [W2] [L1]).
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/escape/support.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::escape {
namespace {

using supervisor::RunEnd;
using supervisor::RunReport;

struct Case {
  const char* attack;
  RunEnd end;
  const char* text;  // a part of it
};

constexpr Case kCases[] = {
#define COMPILER_ATTACK(name, end, text, file_end, file_text) {#name, RunEnd::end, text},
#include "tests/escape/compiler_attacks.def"
};

// What an attack does after a piece that the run worker refuses may come after the run's end, which
// then is that refusal.
bool came_too_late(const Case& row, const supervisor::RunReport& report) {
  const std::string_view attack = row.attack;
  return (attack == "more_code_than_allowed" || attack.ends_with("_after_its_last_piece")) &&
         row.end == RunEnd::Violation && report.end == RunEnd::Refused &&
         report.text.find("code blob") != std::string::npos;
}

TEST(HostileCompiler, EndsAsItShould) {
  if (kSanitized)
    GTEST_SKIP() << "a sanitizer's runtime makes threads of its own and a wider policy";
  adopt_orphans();
  int children = count_children();
  const testing::TemporaryDirectory directory;
  for (const Case& row : kCases) {
    directory.write("m.wasm", module_called(row.attack));
    supervisor::RunRequest request;
    request.engine = protocol::Engine::Jit;
    request.worker_path = CORDON_RUN_WORKER;
    request.compiler_path = CORDON_HOSTILE_COMPILER;
    request.module_path = directory / "m.wasm";
    request.timeout = std::chrono::milliseconds(row.end == RunEnd::Timeout ? 300 : 10'000);
    auto report = supervisor::run(request);
    for (int tries = 1; tries < 20 && came_too_late(row, report); ++tries) {
      report = supervisor::run(request);
    }
    EXPECT_EQ(report.end, row.end) << row.attack << ": " << describe(report);
    const bool crashes = std::string_view(row.attack) == "crashes";
    EXPECT_EQ(report.signal, crashes ? SIGILL : 0) << row.attack << ": " << describe(report);
    EXPECT_NE(report.text.find(row.text), std::string::npos)
        << row.attack << ": " << describe(report);
    EXPECT_TRUE(children_become(children, std::chrono::seconds(2)))
        << row.attack << " left a process behind";
  }
}

// Code that the run worker does not accept, of a compiler that breaks a rule, or that faults when
// it runs, is not kept for later runs.
TEST(HostileCompiler, LeavesNothingInTheCache) {
  if (kSanitized)
    GTEST_SKIP() << "a sanitizer's runtime makes threads of its own and a wider policy";
  const testing::TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "cache");
  std::filesystem::permissions(directory / "cache", std::filesystem::perms::owner_all);
  for (const Case& row : kCases) {
    if (row.end == RunEnd::Timeout) continue;
    directory.write("m.wasm", module_called(row.attack));
    supervisor::RunRequest request;
    request.engine = protocol::Engine::Jit;
    request.worker_path = CORDON_RUN_WORKER;
    request.compiler_path = CORDON_HOSTILE_COMPILER;
    request.module_path = directory / "m.wasm";
    request.timeout = std::chrono::seconds(10);
    request.cache = {.directory = directory / "cache", .target = "any", .module_name = {}};
    const auto report = supervisor::run(request);
    EXPECT_NE(report.end, RunEnd::Exited) << row.attack << ": " << describe(report);
    EXPECT_FALSE(report.cache.stored) << row.attack;
    EXPECT_TRUE(std::filesystem::is_empty(directory / "cache")) << row.attack;
  }
}

}  // namespace
}  // namespace cordon::escape
