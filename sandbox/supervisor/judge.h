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

}  // namespace cordon::supervisor
