// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The workers of a request as rows: the program, its policy, and its limits in the kernel
// ([L1]).
#pragma once

#include "sandbox/supervisor/inputs.h"
#include "sandbox/supervisor/worker.h"

namespace cordon::supervisor {

// The programs that a supervisor starts, at most one of each in a run.
enum class WorkerKind : uint8_t { Run, Compile, Paths, Trace };

// Fails if there is no program of that kind. `missing`: the layers that may be withheld. `inputs`:
// may be incomplete, except for a path broker.
Result<WorkerPlan> plan_of(WorkerKind kind, const RunRequest& request, jail::LayerSet missing,
                           const std::optional<Inputs>& inputs);
// Its limits, once its inputs are known.
protocol::EnterJail limits_of(WorkerKind kind, const RunRequest& request, const Inputs& inputs);

// [L1] The bytes that all of them together may use: each one's memory, the kernel's memory for
// them, and files in memory.
uint64_t memory_of_all(const RunRequest& request, const Inputs& inputs);

// [L1] The most machine code that a module of this size may become, all pieces together.
uint64_t most_code(uint64_t module_size);

}  // namespace cordon::supervisor
