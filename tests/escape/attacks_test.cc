// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every attack of attacks.def, each by a fresh process in the run worker's jail: ends as the table
// says, is reported so, leaves nothing behind, and the supervisor lives ([W1] [W2] [J1] [J2] [J3]
// [P1] [L1]).
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>

#include "tests/escape/support.h"

namespace cordon::escape {
namespace {

using supervisor::RunEnd;

enum class Expected { Sigsys, Crash, Violation, Timeout, Powerless };

struct Row {
  const char* name;
  Expected expected;
};

// What the wider policy and the missing RLIMIT_DATA of a build with a sanitizer let pass.
bool needs_a_release_build(std::string_view name) {
  return name == "discard_code_pages" || name == "native_code_discarded" ||
         name == "native_code_replaced" || name == "take_all_memory";
}
constexpr Row kAttacks[] = {
#define ATTACK(name, expected) {#name, Expected::expected},
#define NATIVE(name, expected)
#include "tests/escape/attacks.def"
};
constexpr Row kNativeAttacks[] = {
#define ATTACK(name, expected)
#define NATIVE(name, expected) {#name, Expected::expected},
#include "tests/escape/attacks.def"
};

bool as_expected(Expected expected, const supervisor::RunReport& report) {
  switch (expected) {
    case Expected::Sigsys: return report.end == RunEnd::Violation && report.signal == SIGSYS;
    case Expected::Crash:
      // A sanitizer's runtime, told of the fault first, makes its report and exits.
      if (kSanitized) return report.end == RunEnd::Violation;
      return report.end == RunEnd::Violation &&
             (report.signal == SIGSEGV || report.signal == SIGILL || report.signal == SIGBUS);
    case Expected::Violation: return report.end == RunEnd::Violation && report.signal == 0;
    case Expected::Timeout: return report.end == RunEnd::Timeout;
    case Expected::Powerless:
      return report.end == RunEnd::Exited && report.text.starts_with("powerless");
  }
  return false;
}

void attack(const Row& row, protocol::Engine engine) {
  if (kSanitized && needs_a_release_build(row.name)) return;
  int children = count_children();
  bool endless = row.expected == Expected::Timeout;
  auto report = run_hostile(
      {row.name}, endless ? std::chrono::milliseconds(300) : std::chrono::milliseconds(10'000),
      engine);
  std::printf("%-42s %s\n", row.name, describe(report).c_str());
  EXPECT_TRUE(as_expected(row.expected, report)) << row.name << ": " << describe(report);
  if (row.expected != Expected::Timeout && row.expected != Expected::Powerless) {
    EXPECT_EQ(report.exit_status(), 159) << row.name;
  }
  EXPECT_EQ(count_children(), children) << row.name << " left a process behind";
}

TEST(Escape, EveryAttackEndsAsItShould) {
  adopt_orphans();
  for (const Row& row : kAttacks) attack(row, protocol::Engine::Interp);
  // And the supervisor still does honest work.
  auto honest = run_hostile({"path_escapes"});
  EXPECT_EQ(honest.end, RunEnd::Exited) << describe(honest);
}

// The jail of a native guest is no wider but by what native code needs.
TEST(Escape, EveryAttackEndsAsItShouldWhereCodeIsNative) {
  adopt_orphans();
  for (Row row : kAttacks) {
    if (std::string_view(row.name) == "forge_a_signal_frame") row.expected = Expected::Crash;
    attack(row, protocol::Engine::Jit);
  }
  for (const Row& row : kNativeAttacks) attack(row, protocol::Engine::Jit);
}

}  // namespace
}  // namespace cordon::escape
