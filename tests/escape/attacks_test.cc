// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every attack of attacks.def, each by a fresh process in the run worker's jail, in each phase:
// ends as the table says, is reported so, leaves no process, and the supervisor lives ([W1] [W2]
// [J1] [J2] [J3] [P1] [L1]).
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>

#include "tests/escape/support.h"

namespace cordon::escape {
namespace {

using supervisor::RunEnd;

enum class Expected { Sigsys, Crash, Violation, Timeout, Powerless, Exited, ViolationOrExited };

struct Row {
  const char* name;
  Expected expected;
};

// What the wider policy of a build with a sanitizer, and its missing RLIMIT_DATA and RLIMIT_AS, let
// pass.
bool needs_a_release_build(std::string_view name) {
  return name == "discard_code_pages" || name == "native_code_discarded" ||
         name == "native_code_replaced" || name == "take_all_memory" || name == "fill_page_tables";
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

// What ends otherwise before the guest filter: there are no paths yet, and the rows of set-up are
// judged by the supervisor.
Expected in_set_up(const Row& row) {
  const std::string_view name = row.name;
  if (name == "path_receive_before_there_are_paths") return row.expected;
  if (name.starts_with("path_")) return Expected::Sigsys;
  // Harmless there: 0, 1 and 2 are /dev/null of its own.
  if (name.starts_with("flags_of_a_shared_stream")) return Expected::Exited;
  return row.expected;
}

// [V1] A worker's acts after its verdict outrank that; if it does nothing, the verdict is final.
Expected after_the_verdict(const Row& row) {
  const std::string_view name = row.name;
  if (name == "exit_without_verdict") return Expected::Exited;
  // Whether the broker gets it before the supervisor gets the verdict is chance.
  if (name.starts_with("path_")) return Expected::ViolationOrExited;
  switch (row.expected) {
    case Expected::Sigsys:
    case Expected::Crash:
    case Expected::Violation: break;
    case Expected::Timeout: return Expected::Violation;
    case Expected::Powerless: return Expected::Exited;
    case Expected::Exited:
    case Expected::ViolationOrExited: break;
  }
  return row.expected;
}

bool as_expected(Expected expected, const supervisor::RunReport& report) {
  const bool violation = report.end == RunEnd::Violation;
  switch (expected) {
    case Expected::Sigsys: return violation && (report.signal == SIGSYS || !report.syscall.empty());
    case Expected::Crash:
      // A sanitizer's runtime, which handles the fault first, makes its report and exits.
      if (kSanitized) return violation;
      return violation &&
             (report.signal == SIGSEGV || report.signal == SIGILL || report.signal == SIGBUS);
    case Expected::Violation: return violation && report.signal == 0 && report.syscall.empty();
    case Expected::Timeout: return report.end == RunEnd::Timeout;
    case Expected::Powerless:
      return report.end == RunEnd::Exited && report.text.starts_with("powerless");
    case Expected::Exited: return report.end == RunEnd::Exited;
    case Expected::ViolationOrExited: return violation || report.end == RunEnd::Exited;
  }
  return false;
}

void attack(const Row& row, const char* phase, Expected expected, protocol::Engine engine) {
  if (kSanitized && needs_a_release_build(row.name)) return;
  int children = count_children();
  bool endless = expected == Expected::Timeout;
  auto report = run_hostile(
      {phase, row.name},
      endless ? std::chrono::milliseconds(300) : std::chrono::milliseconds(10'000), engine);
  std::printf("%-7s %-42s %s\n", phase, row.name, describe(report).c_str());
  EXPECT_TRUE(as_expected(expected, report))
      << phase << " " << row.name << ": " << describe(report);
  if (report.end == RunEnd::Violation) EXPECT_EQ(report.exit_status(), 159) << row.name;
  EXPECT_TRUE(children_become(children, std::chrono::seconds(2)))
      << row.name << " left a process behind";
}

void attack_in_every_phase(const Row& row, protocol::Engine engine) {
  attack(row, "set-up", in_set_up(row), engine);
  attack(row, "guest", row.expected, engine);
  Expected after = after_the_verdict(row);
  // A sanitizer's worker may be so slow that it is ended before it acts.
  if (kSanitized && after != Expected::Exited) after = Expected::ViolationOrExited;
  attack(row, "after", after, engine);
}

TEST(Escape, EveryAttackEndsAsItShouldInEveryPhase) {  // [J2] [J4] [V1]
  adopt_orphans();
  for (const Row& row : kAttacks) attack_in_every_phase(row, protocol::Engine::Interp);
  // And the supervisor still does honest work.
  auto honest = run_hostile({"guest", "path_escapes"});
  EXPECT_EQ(honest.end, RunEnd::Exited) << describe(honest);
}

// The jail of a native guest is no wider but by what native code needs.
TEST(Escape, EveryAttackEndsAsItShouldWhereCodeIsNative) {
  adopt_orphans();
  for (Row row : kAttacks) {
    if (std::string_view(row.name) == "forge_a_signal_frame") row.expected = Expected::Crash;
    attack_in_every_phase(row, protocol::Engine::Jit);
  }
  for (const Row& row : kNativeAttacks) attack_in_every_phase(row, protocol::Engine::Jit);
}

// Nor is that of a guest whose code comes while it runs (tiering_test.cc has what that adds).
TEST(Escape, EveryAttackEndsAsItShouldWhereCodeComesLater) {
  adopt_orphans();
  for (Row row : kAttacks) {
    if (std::string_view(row.name) == "forge_a_signal_frame") row.expected = Expected::Crash;
    attack_in_every_phase(row, protocol::Engine::Auto);
  }
  for (const Row& row : kNativeAttacks) {
    attack(row, "guest", row.expected, protocol::Engine::Auto);
    attack(row, "after", after_the_verdict(row), protocol::Engine::Auto);
  }
}

}  // namespace
}  // namespace cordon::escape
