// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/run_worker/prologue.h"

#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sandbox/jail/enter.h"
#include "sandbox/jail/filter.h"

namespace cordon::run_worker {
namespace {

constexpr policy::Worker kWorker = policy::Worker::Run;

// To the supervisor all are the same: a worker that ended before its verdict.
constexpr int kExitJailFailed = 71;
constexpr int kExitNoJob = 72;

[[noreturn]] void give_up(protocol::Channel& channel, std::string_view step,
                          const jail::StepResult& failure) {
  (void)channel.send(protocol::JailFailed{.step = std::string(step),
                                          .call = failure.call,
                                          .error = static_cast<uint32_t>(failure.error)});
  _exit(kExitJailFailed);
}

// [J1] Out of here come only processes whose jail is complete.
void enter_jail(protocol::Channel& channel) {
  auto received = channel.receive();
  if (!received) _exit(kExitJailFailed);
  auto request = received->as<protocol::EnterJail>();
  if (!request) _exit(kExitJailFailed);
  auto missing = jail::LayerSet::from_bits(request->missing);
  if (!missing) _exit(kExitJailFailed);

  jail::Entered entered =
      jail::enter({.worker = kWorker, .data_limit = request->data_limit}, *missing);
  if (entered.broken != nullptr) give_up(channel, entered.broken->name, entered.failure);
  if (!channel.send(protocol::JailComplete{entered.withheld.bits()})) _exit(kExitJailFailed);
}

}  // namespace

Prologue begin() {
  // A program that was executed by descriptor is called by its number on older kernels.
  (void)prctl(PR_SET_NAME, program_invocation_short_name, 0, 0, 0);
  protocol::Channel channel(Fd(jail::kChannelFd), protocol::Direction::ToWorker);
  enter_jail(channel);
  Result<Job> job = receive_job(channel);
  if (!job) _exit(kExitNoJob);
  return {std::move(channel), std::move(*job)};
}

void close_the_jail() {
  // Not done means that the kernel had no memory for it. There is no guest without it ([J2]).
  if (!jail::put_on_filter(kWorker, policy::Phase::Guest).done()) _exit(kExitJailFailed);
}

void end(protocol::Channel& channel, const protocol::Verdict& verdict) {
  (void)channel.send(verdict);
  _exit(0);
}

}  // namespace cordon::run_worker
