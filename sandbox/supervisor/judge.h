// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// judge(): the one place that turns what happened into a verdict. What the supervisor saw itself
// (deadline, violation, how the process ended) outranks what the worker says.
#pragma once

#include "sandbox/supervisor/report.h"
#include "sandbox/supervisor/session.h"
#include "sandbox/supervisor/worker.h"

namespace cordon::supervisor {

// `compiler` is all zero where there was none.
RunReport judge(SessionEnd session, const WorkerEnd& worker, const RunRequest& request,
                const WorkerEnd& compiler = {});

// Of a request whose time passed before there was a worker.
RunReport judge_timeout(const RunRequest& request);
// Of a worker that could not be launched. Where the first half of the jail failed, that is a run's
// end and not a failure to run.
Result<RunReport> judge_launch(const Diagnostic& error, const Deadline& deadline,
                               const RunRequest& request);

}  // namespace cordon::supervisor
