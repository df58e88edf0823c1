// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/run_worker/prologue.h"

#include <unistd.h>

#include "core/base/check.h"

namespace cordon::run_worker {
namespace {

policy::Worker policy_for(protocol::Engine engine) {
  switch (engine) {
    case protocol::Engine::Interp: return policy::Worker::Run;
    case protocol::Engine::Jit: return policy::Worker::RunNative;
    case protocol::Engine::Auto: return policy::Worker::RunAuto;
  }
  CHECK(false);
}

}  // namespace

Prologue begin() {
  worker::Entered entered = worker::enter(policy_for);
  Result<Job> job = receive_job(entered.channel);
  // A request that the filter does not allow would end the process without a message.
  if (!job || policy_for(job->config.engine) != entered.policy) _exit(worker::kExitNoJob);
  return {std::move(entered.channel), entered.policy, std::move(*job)};
}

void close_the_jail(const Prologue& worker) { worker::close_the_jail(worker.policy); }

void end(protocol::Channel& channel, const protocol::Verdict& verdict) {
  (void)channel.send(verdict);
  _exit(0);
}

}  // namespace cordon::run_worker
