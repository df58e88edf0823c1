// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The supervisor's judgement: the worst that is known ([V1]).
#include "sandbox/supervisor/report.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cerrno>

#include "sandbox/protocol/exit_status.h"
#include "sandbox/supervisor/judge.h"

namespace cordon::supervisor {
namespace {

using protocol::LimitHit;
using protocol::Outcome;

constexpr WorkerEnd kHonest{.code = CLD_EXITED, .status = 0};
constexpr WorkerEnd kOurs{.code = CLD_KILLED, .status = SIGKILL, .killed_by_us = true};

WorkerFacts facts(const WorkerEnd& end) {
  WorkerFacts out;
  out.there = true;
  out.end = end;
  return out;
}

RunReport judged(const SessionEnd& session, const WorkerFacts& worker = facts(kHonest),
                 const WorkerFacts& compiler = {}) {
  RunRequest request;
  request.timeout = std::chrono::milliseconds(1500);
  return judge(session, worker, compiler, request);
}

SessionEnd with_verdict(protocol::Verdict verdict) {
  SessionEnd end;
  end.verdict = std::move(verdict);
  return end;
}

// [V1] [L1] What the kernel did for lack of memory is reported so, unless a worker broke a rule.
TEST(Judge, WorkersKilledForTheirMemoryAreNotKilledFromOutside) {
  WorkerFacts killed;
  killed.there = true;
  killed.end = {.code = CLD_KILLED, .status = SIGKILL};
  SessionEnd end = with_verdict({.outcome = Outcome::Exited});
  EXPECT_NE(judged(end, killed).text.find("from outside"), std::string::npos);
  end.out_of_memory = true;
  const RunReport report = judged(end, killed);
  EXPECT_EQ(report.end, RunEnd::Killed);
  EXPECT_EQ(report.limit, protocol::LimitHit::Memory);
  EXPECT_NE(report.text.find("memory.max"), std::string::npos);
  killed.violation = Breach{"did something", ""};
  EXPECT_EQ(judged(end, killed).end, RunEnd::Violation);
  // By our own hand, after the kernel took another process of the group.
  killed.violation.reset();
  killed.end.killed_by_us = true;
  EXPECT_EQ(judged(end, killed).limit, protocol::LimitHit::None);
}

TEST(Judge, VerdictsBecomeTheirExitStatus) {
  SessionEnd end = with_verdict({.outcome = Outcome::Exited, .exit_code = 7});
  EXPECT_EQ(judged(end).exit_status(), 7);
  end.verdict->exit_code = 259;
  EXPECT_EQ(judged(end).exit_status(), 255);
  end.verdict->exit_code = 256;  // never taken for success
  EXPECT_EQ(judged(end).exit_status(), 255);
  end.verdict->outcome = Outcome::Trapped;
  EXPECT_EQ(judged(end).exit_status(), 134);
  end.verdict->limit = LimitHit::Fuel;
  EXPECT_EQ(judged(end).exit_status(), 134);
  end.verdict->limit = LimitHit::Memory;
  EXPECT_EQ(judged(end).exit_status(), 137);
  end.verdict->outcome = Outcome::Refused;
  EXPECT_EQ(judged(end).exit_status(), 1);
  end.verdict->outcome = Outcome::Lacking;  // [V1] a system call of the worker's failed
  EXPECT_EQ(judged(end).exit_status(), 3);
}

// The worst that is known, whatever was said: of either process, after its last word too.
TEST(Judge, WhatAWorkerDidOutranksItsVerdict) {  // [V1] [P1]
  const SessionEnd end = with_verdict({.outcome = Outcome::Exited, .exit_code = 0});
  WorkerFacts breach = facts(kOurs);
  breach.violation = Breach{"made the system call socket, which its jail forbids", "socket"};
  for (const RunReport& report : {judged(end, breach), judged(end, facts(kHonest), breach)}) {
    EXPECT_EQ(report.exit_status(), 159);
    EXPECT_EQ(report.syscall, "socket");
    EXPECT_NE(report.text.find("the worker made the system call socket"), std::string::npos);
  }
  for (int signal : {SIGSYS, SIGSEGV, SIGILL, SIGABRT, SIGBUS, SIGTERM}) {
    const WorkerFacts crash = facts({.code = CLD_KILLED, .status = signal});
    for (const RunReport& report : {judged(end, crash), judged(end, facts(kHonest), crash)}) {
      EXPECT_EQ(report.exit_status(), 159);
      EXPECT_EQ(report.signal, signal);
    }
  }
  EXPECT_EQ(judged(end, facts({.code = CLD_EXITED, .status = 5})).exit_status(), 159);
  EXPECT_EQ(judged(end, facts(kOurs)).exit_status(), 159) << "it went on after its last word";
  EXPECT_EQ(judged(end, facts(kHonest), facts(kOurs)).exit_status(), 0) << "a compiler too slow";
  const WorkerFacts killed = facts({.code = CLD_KILLED, .status = SIGKILL});
  EXPECT_EQ(judged(end, killed).end, RunEnd::Killed);
  EXPECT_EQ(judged(end, killed).exit_status(), 137);
}

TEST(Judge, TheDeadlineAndASignalOutrankAVerdict) {  // [L1]
  SessionEnd end = with_verdict({.outcome = Outcome::Exited, .exit_code = 0});
  end.interrupted = SIGTERM;
  EXPECT_EQ(judged(end).end, RunEnd::Interrupted);
  EXPECT_EQ(judged(end).exit_status(), 128 + SIGTERM);
  end.timed_out = true;
  EXPECT_EQ(judged(end).exit_status(), 124);
  EXPECT_EQ(judged(end).text, "the time limit of 1.5 s passed");
  EXPECT_EQ(judged(end, facts({.code = CLD_KILLED, .status = SIGSYS})).exit_status(), 159);
}

TEST(Judge, AWorkerThatEndsByItselfWithoutAVerdictIsAViolation) {  // [P1]
  EXPECT_EQ(judged({}).exit_status(), 159);
  EXPECT_EQ(judged({}, facts({})).exit_status(), 159) << "the kernel does not say how";
}

// What the run worker's trap handler says by its exit status.
TEST(Judge, AFaultThatIsNoTrapIsAnEscapeAttempt) {  // [T1]
  auto report = judged({}, facts({.code = CLD_EXITED, .status = protocol::kExitEscape}));
  EXPECT_EQ(report.end, RunEnd::Violation);
  EXPECT_EQ(report.exit_status(), 159);
  EXPECT_NE(report.text.find("escape attempt"), std::string::npos);
}

TEST(Judge, ACompileWorkerThatEndsWithoutAnAnswerIsJudgedByItsOwnEnd) {  // [P1] [L1]
  SessionEnd end;
  end.compiler_due = true;
  auto crash = judged(end, facts(kOurs), facts({.code = CLD_KILLED, .status = SIGSEGV}));
  EXPECT_EQ(crash.exit_status(), 159);
  EXPECT_EQ(crash.signal, SIGSEGV);
  EXPECT_TRUE(crash.text.starts_with("compiling: ")) << crash.text;
  auto memory =
      judged(end, facts(kOurs), facts({.code = CLD_EXITED, .status = protocol::kExitNoMemory}));
  EXPECT_EQ(memory.end, RunEnd::Refused);
  EXPECT_EQ(memory.name, "compile_memory");
  EXPECT_EQ(memory.exit_status(), 1);
}

// Code that was made and not taken is late; a worker that claims more than there was gains nothing.
TEST(Judge, PiecesThatTheGuestDidNotTakeAreLate) {  // [P1]
  SessionEnd end = with_verdict({.outcome = Outcome::Exited});
  end.needed_pieces = 5;
  EXPECT_EQ(judged(end).late_pieces, 5u);
  end.verdict->switched.pieces = 3;
  EXPECT_EQ(judged(end).late_pieces, 2u);
  EXPECT_EQ(judged(end).switched.pieces, 3u);
  end.verdict->switched.pieces = 7;
  EXPECT_EQ(judged(end).late_pieces, 0u);
}

// [V1] What Cordon itself lacks is neither the module's fault nor the worker's.
TEST(Judge, AShortageHasAVerdictOfItsOwn) {
  WorkerFacts lacking = facts(kOurs);
  lacking.shortage = "memfd_create: Too many open files";
  EXPECT_EQ(judged({}, lacking).end, RunEnd::Lacking);
  EXPECT_EQ(judged({}, lacking).exit_status(), 3);
  for (int error : {EMFILE, ENFILE, ENOMEM, EAGAIN}) {
    EXPECT_EQ(judge_failure(fail_os("open x", error).value(), true).end, RunEnd::Lacking) << error;
    EXPECT_EQ(judge_failure(fail_os("socketpair", error).value(), false).exit_status(), 3);
  }
  EXPECT_EQ(judge_failure(fail_os("open x", ENOENT).value(), true).end, RunEnd::BadInput);
  EXPECT_EQ(judge_failure(fail_os("open x", EACCES).value(), true).exit_status(), 2);
}

}  // namespace
}  // namespace cordon::supervisor
