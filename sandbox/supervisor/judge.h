// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// judge(): the one place that turns what happened into a verdict. It is the worst that is known
// ([V1]): what the kernel says of how a process ended, and what the supervisor saw itself
// (deadline, violation), outranks what the worker says.
#pragma once

#include <optional>

#include "sandbox/supervisor/gate.h"
#include "sandbox/supervisor/report.h"
#include "sandbox/supervisor/run.h"
#include "sandbox/supervisor/worker.h"

namespace cordon::supervisor {

// What one worker came to.
struct WorkerFacts {
  bool there = false;  // it was started at all
  std::optional<Breach> violation;
  std::string jail_failure, shortage;
  WorkerEnd end;
};

// All that is known at the end of a run.
struct SessionEnd {
  std::optional<protocol::Verdict> verdict;               // the run worker's
  std::optional<protocol::CompileFailed> compile_failed;  // the compile worker's
  bool compiler_due = false;  // the compile worker has not said its last word
  bool timed_out = false;
  bool out_of_memory = false;  // the kernel killed processes of the run's control group for it
  int interrupted = 0;         // by this signal
  std::string shortage;        // of the supervisor, apart from what serving a worker took
  uint64_t compile_ns = 0;     // as the compile worker says
  std::string output;
};

// Whether its end is one that no word of it outranks.
bool crashed(const WorkerFacts& worker);

// `compiler` and `broker` say so where there was none.
RunReport judge(SessionEnd session, const WorkerFacts& worker, const WorkerFacts& compiler,
                const RunRequest& request, const WorkerFacts& broker = {});

// The report of a request whose time passed before there was a worker.
RunReport judge_timeout(const RunRequest& request);
// The report of a failure outside the workers. `of_input`: a file that the request names failed.
RunReport judge_failure(const Diagnostic& error, bool of_input);

}  // namespace cordon::supervisor
