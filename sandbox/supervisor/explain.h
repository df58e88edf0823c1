// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// explain(): the names and source lines of a trap's frames, from a trace worker. Names and DWARF
// are untrusted bytes, so they are read in a jail of their own, after the run, within a time limit
// of its own. Whatever that worker does, the verdict is final.
#pragma once

#include "sandbox/jail/layers.h"
#include "sandbox/supervisor/inputs.h"
#include "sandbox/supervisor/report.h"
#include "sandbox/supervisor/run.h"

namespace cordon::supervisor {

// How long it may take; this is not the guest's time.
inline constexpr std::chrono::milliseconds kTimeToExplain{1000};

// Fills in `report.explained`, or `report.unexplained` with the reason. `module` is sealed.
// `missing` and `cgroup` as for the run's own workers.
void explain(const RunRequest& request, jail::LayerSet missing, int cgroup, const Inputs& inputs,
             const Fd& module, RunReport& report);

}  // namespace cordon::supervisor
