// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compile worker gone bad, the real run worker beside it, and the supervisor between them: every
// answer that is none ends the run with a clear verdict, nothing is left behind ([P1] [W2] [L1]).
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/escape/support.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::escape {
namespace {

using supervisor::RunEnd;
using supervisor::RunReport;

struct Case {
  const char* attack;
  RunEnd end;
  int signal;
  const char* text;  // a part of it
};

constexpr Case kCases[] = {
    // The blob is passed on unread; the run worker refuses it.
    {"garbage", RunEnd::Refused, 0, "code blob"},
    {"empty", RunEnd::Refused, 0, "code blob"},
    {"wrong_size", RunEnd::Violation, 0, "not what it says"},
    {"no_room", RunEnd::Violation, 0, "not what it says"},
    {"two_rooms", RunEnd::Violation, 0, "of which there is none"},
    {"writes_after_it_is_sealed", RunEnd::Refused, 0, "code blob"},  // [W1]
    {"maps_its_room", RunEnd::Violation, 0, "the system call mmap"},
    {"more_code_than_allowed", RunEnd::Violation, 0, "more code than there may be"},  // [L1]
    {"asks_for_the_module_again", RunEnd::Violation, 0, "too late or too early"},
    {"asks_for_the_streams", RunEnd::Violation, 0, "Streams"},
    {"sends_a_descriptor", RunEnd::Violation, 0, "the system call sendmsg"},  // [J4]
    {"a_piece_and_no_more", RunEnd::Violation, 0, "compiling"},
    {"ends_too_early", RunEnd::Refused, 0, "not the code of the whole module"},
    {"more_than_all", RunEnd::Refused, 0, "more than the code of the module"},
    {"verdict", RunEnd::Violation, 0, "not asked for"},
    {"open_a_path", RunEnd::Violation, 0, "wrong direction"},
    {"exit", RunEnd::Violation, 0, "compiling"},
    {"crash", RunEnd::Violation, SIGILL, "compiling"},
    {"claims_no_memory", RunEnd::Refused, 0, "memory"},
    {"claims_escape", RunEnd::Violation, 0, "compiling"},
    // What the verifier lets pass, since it cannot leave the sandbox: it faults, and that is all.
    {"divides_by_zero", RunEnd::Violation, 0, "escape attempt"},  // [T1]
    {"refuses", RunEnd::Refused, 0, "not today"},
    {"spins", RunEnd::Timeout, 0, "time limit"},
    {"run_what_it_wrote", RunEnd::Violation, 0, "compiling: the worker made the system call mmap"},
    {"map_executable", RunEnd::Violation, 0, "the system call mmap"},  // [W1] [W2]
    {"open_a_file", RunEnd::Violation, 0, "the system call open"},
    {"make_a_thread", RunEnd::Violation, 0, "the system call clone"},
    {"make_a_socket", RunEnd::Violation, 0, "the system call socket"},
    // [V1] After its last word.
    {"speaks_after_its_last_piece", RunEnd::Violation, 0, "not asked for"},
    {"forbidden_call_after_its_last_piece", RunEnd::Violation, 0, "the system call socket"},
    {"spins_after_its_last_piece", RunEnd::Refused, 0, "code blob"},  // killed, and that is all
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
    EXPECT_EQ(report.signal, row.signal) << row.attack << ": " << describe(report);
    EXPECT_NE(report.text.find(row.text), std::string::npos)
        << row.attack << ": " << describe(report);
    EXPECT_TRUE(children_become(children, std::chrono::seconds(2)))
        << row.attack << " left a process behind";
  }
}

}  // namespace
}  // namespace cordon::escape
