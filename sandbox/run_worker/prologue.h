// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a run worker begins and ends: into the jail, then the job, then the guest filter, then the
// verdict. Used by the run worker and, so that it stands in the very same jail, by the hostile
// worker of the tests.
#pragma once

#include "sandbox/protocol/channel.h"
#include "sandbox/run_worker/job.h"
#include "sandbox/worker/enter.h"

namespace cordon::run_worker {

// A run worker in its jail, still under the set-up filter.
struct Prologue {
  protocol::Channel channel;
  policy::Worker policy;  // Run, or RunNative where the job's engine is the JIT
  Job job;
};

// Enters the jail, every step of it, says so, and only then receives the job: no byte of the guest
// is reached before ([J1]). Ends the process if a step or the job fails.
Prologue begin();

// Puts on the guest filter, or ends the process. From here on only what a running guest needs is
// allowed ([J2]).
void close_the_jail(const Prologue& worker);

// Sends the verdict and ends the process.
[[noreturn]] void end(protocol::Channel& channel, const protocol::Verdict& verdict);

}  // namespace cordon::run_worker
