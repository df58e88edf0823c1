// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// judge(): the one place that makes a verdict from what happened. It is the worst that is known
// ([V1]): how a process ended, as the kernel reports it, and what the supervisor observed itself
// (deadline, violation), outrank the worker's messages.
#pragma once

#include <optional>

#include "sandbox/supervisor/gate.h"
#include "sandbox/supervisor/report.h"
#include "sandbox/supervisor/run.h"
#include "sandbox/supervisor/worker.h"

namespace cordon::supervisor {

// The end of one worker.
struct WorkerFacts {
  bool there = false;  // whether it was started at all
  std::optional<Breach> violation;
  std::string jail_failure, shortage;
  WorkerEnd end;
};

// All that is known at the end of a run.
struct SessionEnd {
  std::optional<protocol::Verdict> verdict;               // the run worker's
  std::optional<protocol::CompileFailed> compile_failed;  // the compile worker's
  bool compiler_due = false;  // the compile worker has not sent its last message
  bool timed_out = false;
  bool out_of_memory = false;  // the kernel killed processes of the run's control group for it
  int interrupted = 0;         // by this signal
  std::string shortage;        // of the supervisor, besides those in serving a worker
  uint64_t compile_ns = 0;     // as the compile worker reports
  uint32_t needed_pieces = 0;  // of code, made while the guest ran
  std::string output;
};

// Whether its end is one that no message of it outranks.
bool crashed(const WorkerFacts& worker);

// If there was no `compiler` or `broker`, its `there` is false.
RunReport judge(SessionEnd session, const WorkerFacts& worker, const WorkerFacts& compiler,
                const RunRequest& request, const WorkerFacts& broker = {});

// The report of a request whose deadline passed before there was a worker.
RunReport judge_timeout(const RunRequest& request);
// The report of a failure outside the workers. `of_input`: a file that the request names failed.
RunReport judge_failure(const Diagnostic& error, bool of_input);

}  // namespace cordon::supervisor
