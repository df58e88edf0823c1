// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The supervisor's judgement: what it saw itself outranks what the worker says.
#include "sandbox/supervisor/report.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "sandbox/protocol/exit_status.h"
#include "sandbox/supervisor/judge.h"

namespace cordon::supervisor {
namespace {

using protocol::LimitHit;
using protocol::Outcome;

RunReport judged(const SessionEnd& session, int code = CLD_KILLED, int status = SIGKILL) {
  RunRequest request;
  request.timeout = std::chrono::milliseconds(1500);
  return judge(session, {.code = code, .status = status}, request);
}

TEST(Judge, VerdictsBecomeTheirExitStatus) {
  SessionEnd end;
  end.verdict = protocol::Verdict{.outcome = Outcome::Exited, .exit_code = 7};
  EXPECT_EQ(judged(end).exit_status(), 7);
  end.verdict->exit_code = 259;
  EXPECT_EQ(judged(end).exit_status(), 3);
  end.verdict->outcome = Outcome::Trapped;
  EXPECT_EQ(judged(end).exit_status(), 134);
  end.verdict->limit = LimitHit::Fuel;
  EXPECT_EQ(judged(end).exit_status(), 134);
  end.verdict->limit = LimitHit::Memory;
  EXPECT_EQ(judged(end).exit_status(), 137);
  end.verdict->outcome = Outcome::Refused;
  EXPECT_EQ(judged(end).exit_status(), 1);
}

TEST(Judge, AViolationOutranksAVerdict) {  // [P1]
  SessionEnd end;
  end.verdict = protocol::Verdict{.outcome = Outcome::Exited, .exit_code = 0};
  end.violation = "forged";
  EXPECT_EQ(judged(end).exit_status(), 159);
  EXPECT_NE(judged(end).text.find("forged"), std::string::npos);
}

TEST(Judge, TheDeadlineOutranksAll) {  // [L1]
  SessionEnd end;
  end.timed_out = true;
  end.verdict = protocol::Verdict{.outcome = Outcome::Exited, .exit_code = 0};
  EXPECT_EQ(judged(end).exit_status(), 124);
  EXPECT_EQ(judged(end).text, "the time limit of 1.5 s passed");
}

TEST(Judge, AWorkerThatEndsByItselfWithoutAVerdictIsAViolation) {  // [P1]
  SessionEnd end;
  end.worker_ended = true;
  for (int signal : {SIGSYS, SIGSEGV, SIGILL, SIGABRT, SIGBUS, SIGTERM}) {
    auto report = judged(end, CLD_KILLED, signal);
    EXPECT_EQ(report.exit_status(), 159);
    EXPECT_EQ(report.signal, signal);
  }
  EXPECT_EQ(judged(end, CLD_EXITED, 0).exit_status(), 159);
  auto killed = judged(end, CLD_KILLED, SIGKILL);
  EXPECT_EQ(killed.end, RunEnd::Killed);
  EXPECT_EQ(killed.exit_status(), 137);
}

// What the run worker's trap handler says by its exit status.
TEST(Judge, AFaultThatIsNoTrapIsAnEscapeAttempt) {  // [T1]
  SessionEnd end;
  end.worker_ended = true;
  auto report = judged(end, CLD_EXITED, protocol::kExitEscape);
  EXPECT_EQ(report.end, RunEnd::Violation);
  EXPECT_EQ(report.exit_status(), 159);
  EXPECT_NE(report.text.find("escape attempt"), std::string::npos);
}

TEST(Judge, ACompileWorkerThatEndsWithoutAnAnswerIsJudgedByItsOwnEnd) {  // [P1] [L1]
  SessionEnd end;
  end.compiler_ended = true;
  const WorkerEnd killed_by_us{.code = CLD_KILLED, .status = SIGKILL};
  auto crash = judge(end, killed_by_us, {}, {.code = CLD_KILLED, .status = SIGSEGV});
  EXPECT_EQ(crash.exit_status(), 159);
  EXPECT_EQ(crash.signal, SIGSEGV);
  EXPECT_TRUE(crash.text.starts_with("compiling: ")) << crash.text;
  auto memory =
      judge(end, killed_by_us, {}, {.code = CLD_EXITED, .status = protocol::kExitNoMemory});
  EXPECT_EQ(memory.end, RunEnd::Refused);
  EXPECT_EQ(memory.name, "compile_memory");
  EXPECT_EQ(memory.exit_status(), 1);
}

}  // namespace
}  // namespace cordon::supervisor
