// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compile worker gone bad whose code is for a file: `cordon compile` writes what it is given,
// unread, and all else that comes ends with a clear verdict and no file ([P1] [W2] [L1]).
#include "sandbox/supervisor/precompile.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/escape/support.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::escape {
namespace {

using supervisor::RunEnd;

struct Case {
  const char* attack;
  RunEnd end;
  const char* text;  // a part of it
};

constexpr Case kCases[] = {
    {"garbage", RunEnd::Exited, ""},  // whoever runs it will say so
    {"empty", RunEnd::Exited, ""},
    {"wrong_size", RunEnd::Violation, "not what it says"},
    {"no_room", RunEnd::Violation, "not what it says"},
    {"two_rooms", RunEnd::Violation, "of which there is none"},
    {"sends_a_descriptor", RunEnd::Violation, "the system call sendmsg"},
    {"a_piece_and_no_more", RunEnd::Violation, "a piece where all was asked for"},
    {"speaks_after_its_last_piece", RunEnd::Violation, "not asked for"},
    {"forbidden_call_after_its_last_piece", RunEnd::Violation, "the system call socket"},
    {"spins_after_its_last_piece", RunEnd::Violation, "went on after its last word"},
    {"verdict", RunEnd::Violation, "not asked for"},
    {"open_a_path", RunEnd::Violation, "wrong direction"},
    {"exit", RunEnd::Violation, "compiling"},
    {"crash", RunEnd::Violation, "compiling"},
    {"claims_no_memory", RunEnd::Refused, "memory"},
    {"refuses", RunEnd::Refused, "not today"},
    {"spins", RunEnd::Timeout, "time limit"},
    {"map_executable", RunEnd::Violation, "compiling"},
    {"open_a_file", RunEnd::Violation, "compiling"},
};

TEST(HostileCompiler, OfAFileEndsAsItShould) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's runtime has a wider policy";
  adopt_orphans();
  const int children = count_children();
  const testing::TemporaryDirectory directory;
  for (const Case& row : kCases) {
    directory.write("m.wasm", module_called(row.attack));
    supervisor::RunRequest request;
    request.engine = protocol::Engine::Jit;
    request.compiler_path = CORDON_HOSTILE_COMPILER;
    request.module_path = directory / "m.wasm";
    request.timeout = std::chrono::milliseconds(row.end == RunEnd::Timeout ? 300 : 10'000);
    auto made = supervisor::precompile(request);
    EXPECT_EQ(made.report.end, row.end) << row.attack << ": " << describe(made.report);
    EXPECT_NE(made.report.text.find(row.text), std::string::npos) << describe(made.report);
    EXPECT_EQ(made.code.valid(), row.end == RunEnd::Exited) << row.attack;
    EXPECT_TRUE(children_become(children, std::chrono::seconds(2)))
        << row.attack << " left a process behind";
  }
}

}  // namespace
}  // namespace cordon::escape
