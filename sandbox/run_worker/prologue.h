// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a run worker begins and ends: it enters the jail, receives the job, installs the guest
// filter, and sends the verdict. Used by the run worker and, so that it runs in the same jail, by
// the hostile worker of the tests.
#pragma once

#include "sandbox/protocol/channel.h"
#include "sandbox/run_worker/job.h"
#include "sandbox/worker/enter.h"

namespace cordon::run_worker {

// A run worker in its jail, still under the set-up filter.
struct Prologue {
  protocol::Channel channel;
  policy::Worker policy;  // Run, RunNative or RunAuto, by the job's engine
  Job job;
};

// Enters the jail, with every step, reports that, and only then receives the job: no byte of the
// guest is read before ([J1]). Ends the process if a step or the job fails.
Prologue begin();

// Installs the guest filter, or ends the process. From here on only the calls of a running guest
// are allowed ([J2]).
void close_the_jail(const Prologue& worker);

// Sends the verdict and ends the process.
[[noreturn]] void end(protocol::Channel& channel, const protocol::Verdict& verdict);

}  // namespace cordon::run_worker
