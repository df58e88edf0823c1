// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/judge.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>

#include "sandbox/jail/launch.h"
#include "sandbox/protocol/exit_status.h"

namespace cordon::supervisor {
namespace {

using protocol::Outcome;

std::string seconds(std::chrono::nanoseconds time) {
  std::string text = std::to_string(std::chrono::duration<double>(time).count());
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " s";
}

std::string signal_name(int signal) {
  const char* name = sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : std::string("SIG") + name;
}

void judge_verdict(const protocol::Verdict& verdict, RunReport& report) {
  switch (verdict.outcome) {
    case Outcome::Exited: report.end = RunEnd::Exited; break;
    case Outcome::Trapped: report.end = RunEnd::Trapped; break;
    case Outcome::Refused: report.end = RunEnd::Refused; break;
  }
  report.exit_code = verdict.exit_code;
  report.limit = verdict.limit;
  report.name = verdict.name;
  report.text = verdict.text;
  report.frames = verdict.frames;
  report.hottest = verdict.hottest;
  report.fuel_used = verdict.fuel_used;
  report.peak_memory = verdict.peak_memory;
  report.of_code = verdict.of_code;
  report.code_funcs = verdict.code_funcs;
  report.code_bytes = verdict.code_bytes;
  report.decode_ns = verdict.decode_ns;
  report.validate_ns = verdict.validate_ns;
  report.verify_ns = verdict.verify_ns;
  report.verify_tail_ns = verdict.verify_tail_ns;
  report.instantiate_ns = verdict.instantiate_ns;
  report.run_ns = verdict.run_ns;
}

// What the exit statuses of protocol/exit_status.h tell; false if it is none of them.
bool judge_status(int status, RunReport& report) {
  if (status == protocol::kExitEscape) {
    report.text = "escape attempt: a fault of native code that is no trap";  // [T1]
  } else if (status == protocol::kExitNoMemory) {
    report.end = RunEnd::Refused;
    report.name = "compile_memory";
    report.text = "compiling the module takes more memory than its size allows";  // [L1]
  } else {
    return false;
  }
  return true;
}

// The worker ended without a verdict and before we did anything to it.
void judge_death(const WorkerEnd& worker, RunReport& report) {
  report.end = RunEnd::Violation;
  if (worker.code == CLD_EXITED) {
    if (judge_status(worker.status, report)) return;
    report.text =
        "the worker ended with status " + std::to_string(worker.status) + " and gave no verdict";
    return;
  }
  report.signal = worker.status;
  if (worker.status == SIGKILL) {
    report.end = RunEnd::Killed;
    report.text = "the worker was killed from outside (SIGKILL)";
  } else if (worker.status == SIGSYS) {
    report.text = "the worker made a system call that its jail forbids (SIGSYS)";
  } else {
    report.text = "the worker crashed (" + signal_name(worker.status) + ")";
  }
}

}  // namespace

RunReport judge(SessionEnd session, const WorkerEnd& worker, const RunRequest& request,
                const WorkerEnd& compiler) {
  RunReport report;
  report.output = std::move(session.output);
  report.cpu_ns = worker.cpu_ns + compiler.cpu_ns;
  report.max_rss = std::max(worker.max_rss, compiler.max_rss);
  report.compile_ns = session.compile_ns;
  if (session.timed_out) {
    report.end = RunEnd::Timeout;
    report.text = "the time limit of " + seconds(request.timeout) + " passed";
  } else if (!session.violation.empty()) {
    report.end = RunEnd::Violation;
    report.text = "the worker broke the protocol: " + session.violation;
  } else if (!session.jail_failure.empty()) {
    report.end = RunEnd::JailFailed;
    report.text = session.jail_failure;
  } else if (session.verdict) {
    judge_verdict(*session.verdict, report);
  } else if (session.compiler_ended) {
    judge_death(compiler, report);
    report.text = "compiling: " + report.text;
  } else {
    judge_death(worker, report);
  }
  return report;
}

RunReport judge_timeout(const RunRequest& request) {
  SessionEnd end;
  end.timed_out = true;
  return judge(std::move(end), WorkerEnd{}, request);
}

Result<RunReport> judge_launch(const Diagnostic& error, const Deadline& deadline,
                               const RunRequest& request) {
  if (error.kind != &jail::diag::step_failed) return Failure(error);
  if (deadline.passed()) return judge_timeout(request);
  SessionEnd end;
  end.jail_failure = error.message();
  return judge(std::move(end), WorkerEnd{}, request);
}

}  // namespace cordon::supervisor
