// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Job: what the supervisor requested of this worker. Received once, after the jail is complete
// ([J1]).
#pragma once

#include "core/base/os/fd.h"
#include "core/base/os/mapping.h"
#include "sandbox/protocol/channel.h"

namespace cordon::run_worker {

// Owns the mapping and the descriptor.
struct Job {
  protocol::Config config;
  Mapping module;  // the module's bytes, read-only; the memfd carries every seal, so they stay as
                   // they are
  Fd perf_map;     // none, or a file for names of native functions; closed before the guest runs
};

// Blocks for Start. Fails if another message comes, if a memfd lacks a seal or if its size is not
// that of Start.
Result<Job> receive_job(protocol::Channel& channel);

}  // namespace cordon::run_worker
