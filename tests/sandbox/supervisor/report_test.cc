// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The supervisor's judgement: what it saw itself outranks what the worker says.
#include "sandbox/supervisor/report.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

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

}  // namespace
}  // namespace cordon::supervisor
