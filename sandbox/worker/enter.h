// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How every worker program begins and ends: it enters the jail as the supervisor requests, then
// does its own work, with a second filter in between. [J1] Nothing of the guest can be reached
// before enter() returns.
#pragma once

#include "core/base/os/mapping.h"
#include "sandbox/jail/steps.h"
#include "sandbox/policy/policy.h"
#include "sandbox/protocol/channel.h"
#include "sandbox/protocol/descriptors.h"

namespace cordon::worker {

// For the supervisor all of these are a worker that ended before its verdict.
inline constexpr int kExitJailFailed = 71;
inline constexpr int kExitNoJob = 72;

// A worker in its jail, under the set-up filter.
struct Entered {
  protocol::Channel channel;
  policy::Worker policy;  // the policy whose set-up filter is installed
  jail::Settings settings;
};

// Does every step of the jail for the policy that `choose` returns for the engine of this run, then
// reports to the supervisor that it is complete. Ends the process if a step fails.
Entered enter(policy::Worker (*choose)(protocol::Engine));

// Installs the policy's guest filter, or ends the process ([J2]).
void close_the_jail(policy::Worker policy);

// The first message after enter(). The supervisor has taken the filter's listener before it sends
// that, so this process's own copy is closed here.
Result<protocol::Received> receive_job(protocol::Channel& channel);

// The bytes of a sealed memfd that the supervisor has for this worker, which must be `size` long.
Result<Mapping> map_sealed(protocol::Descriptor what, uint64_t size,
                           Mapping::Pages pages = Mapping::Pages::AtOnce);

}  // namespace cordon::worker
