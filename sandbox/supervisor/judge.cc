// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/judge.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
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
    case Outcome::Lacking: report.end = RunEnd::Lacking; break;
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
  report.switched = verdict.switched;
}

// Judges the exit statuses of protocol/exit_status.h; false for any other.
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

// Judges a process's abnormal end; false if it ended by itself with status 0, or was killed by the
// supervisor.
bool judge_crash(const WorkerEnd& end, RunReport& report) {
  if (end.code == 0 || end.code == CLD_EXITED || end.killed_by_us) return false;
  report.signal = end.status;
  if (end.status == SIGKILL) {
    report.end = RunEnd::Killed;
    report.text = "the worker was killed from outside (SIGKILL)";
    return true;
  }
  report.end = RunEnd::Violation;
  report.text = end.status == SIGSYS
                    ? "the worker made a system call that its jail forbids by now (SIGSYS)"
                    : "the worker crashed (" + signal_name(end.status) + ")";
  return true;
}

// Judges a process that ended without its last message, or with a status that contradicts it.
void judge_silence(const WorkerEnd& end, RunReport& report) {
  report.end = RunEnd::Violation;
  if (end.code == 0) {
    report.text = "the worker gave no verdict, and the kernel does not say how it ended";
  } else if (end.killed_by_us) {
    report.text = "the worker went on after its last word";
  } else if (!judge_status(end.status, report)) {
    report.text =
        "the worker ended with status " + std::to_string(end.status) + " and gave no verdict";
  }
}

// Judges what one worker did and no message of it can outrank.
bool judge_facts(const WorkerFacts& worker, RunReport& report) {
  if (worker.violation) {
    report.end = RunEnd::Violation;
    report.text = "the worker " + worker.violation->text;
    report.syscall = worker.violation->syscall;
    return true;
  }
  return judge_crash(worker.end, report);
}

bool was_killed(const WorkerEnd& end) {
  return end.code == CLD_KILLED && end.status == SIGKILL && !end.killed_by_us;
}

// Judges workers that the kernel killed for the memory that they used together.
bool judge_memory(const SessionEnd& session, std::initializer_list<const WorkerFacts*> workers,
                  RunReport& report) {
  if (!session.out_of_memory) return false;
  for (const WorkerFacts* worker : workers) {
    if (worker->violation) return false;
    if (!was_killed(worker->end)) continue;
    report.end = RunEnd::Killed;
    report.signal = SIGKILL;
    report.limit = protocol::LimitHit::Memory;
    report.text =
        "the kernel ended the workers: together they took more memory than --max-memory "
        "and what Cordon itself needs (memory.max of the run's cgroup)";
    return true;
  }
  return false;
}

bool judge_lack(const WorkerFacts& worker, RunReport& report) {
  if (!worker.jail_failure.empty()) {
    report.end = RunEnd::JailFailed;
    report.text = worker.jail_failure;
  } else if (!worker.shortage.empty()) {
    report.end = RunEnd::Lacking;
    report.text = worker.shortage;
  } else {
    return false;
  }
  return true;
}

bool honest_end(const WorkerEnd& end) { return end.code == CLD_EXITED && end.status == 0; }

// Judges the messages, if nothing outranks them.
void judge_words(const SessionEnd& session, const WorkerFacts& worker, const WorkerFacts& compiler,
                 RunReport& report) {
  if (session.compile_failed) {
    report.end = session.compile_failed->is_lack ? RunEnd::Lacking : RunEnd::Refused;
    report.name = session.compile_failed->name;
    report.text = session.compile_failed->text;
  } else if (session.verdict && (!worker.there || honest_end(worker.end))) {
    judge_verdict(*session.verdict, report);
    const uint32_t taken = std::min(report.switched.pieces, session.needed_pieces);
    report.late_pieces = session.needed_pieces - taken;
  } else if (!worker.there ||
             (session.compiler_due && compiler.end.code != 0 && !compiler.end.killed_by_us)) {
    judge_silence(compiler.end, report);
    report.text = "compiling: " + report.text;
  } else {
    judge_silence(worker.end, report);
  }
}

// Errors that mean a shortage of this process or the machine, not a defect of a file.
bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == EAGAIN ||
         error == ENOSPC || error == EDQUOT || error == ENOBUFS || error == ETOOMANYREFS;
}

}  // namespace

bool crashed(const WorkerFacts& worker) {
  RunReport scratch;
  return judge_facts(worker, scratch);
}

RunReport judge(SessionEnd session, const WorkerFacts& worker, const WorkerFacts& compiler,
                const RunRequest& request, const WorkerFacts& broker) {
  RunReport report;
  report.output = std::move(session.output);
  report.cpu_ns = worker.end.cpu_ns + compiler.end.cpu_ns + broker.end.cpu_ns;
  report.max_rss = std::max({worker.end.max_rss, compiler.end.max_rss, broker.end.max_rss});
  report.compile_ns = session.compile_ns;
  if (judge_memory(session, {&worker, &compiler, &broker}, report)) return report;
  if (judge_facts(worker, report)) return report;
  if (judge_facts(compiler, report)) {
    report.text = "compiling: " + report.text;
    return report;
  }
  if (judge_facts(broker, report)) {
    report.text = "resolving paths: " + report.text;
    return report;
  }
  if (session.timed_out) {
    report.end = RunEnd::Timeout;
    report.text = "the time limit of " + seconds(request.timeout) + " passed";
  } else if (session.interrupted != 0) {
    report.end = RunEnd::Interrupted;
    report.signal = session.interrupted;
    report.text = "ended from outside (" + signal_name(session.interrupted) + ")";
  } else if (judge_lack(worker, report) || judge_lack(compiler, report) ||
             judge_lack(broker, report)) {
  } else if (!session.shortage.empty()) {
    report.end = RunEnd::Lacking;
    report.text = session.shortage;
  } else {
    judge_words(session, worker, compiler, report);
  }
  return report;
}

RunReport judge_timeout(const RunRequest& request) {
  SessionEnd end;
  end.timed_out = true;
  return judge(std::move(end), {}, {}, request);
}

RunReport judge_failure(const Diagnostic& error, bool of_input) {
  RunReport report;
  report.text = error.message();
  const bool of_jail = error.kind == &jail::diag::step_failed;
  // A namespace beyond a limit of the machine is ENOSPC: it withholds them, or has too many.
  if (is_shortage(error.os_error) && !(of_jail && error.os_error == ENOSPC)) {
    report.end = RunEnd::Lacking;
  } else if (of_jail) {
    report.end = RunEnd::JailFailed;
  } else if (of_input && error.os_error == 0) {
    report.end = RunEnd::Refused;  // beyond a limit of Cordon's
    report.name = error.kind->name;
  } else {
    report.end = of_input ? RunEnd::BadInput : RunEnd::Lacking;
  }
  return report;
}

}  // namespace cordon::supervisor
