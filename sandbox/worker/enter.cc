// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/worker/enter.h"

#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/base/os/memfd.h"
#include "sandbox/jail/enter.h"
#include "sandbox/jail/filter.h"

namespace cordon::worker {
namespace {

[[noreturn]] void give_up(protocol::Channel& channel, std::string_view step,
                          const jail::StepResult& failure) {
  (void)channel.send(protocol::JailFailed{.step = std::string(step),
                                          .call = failure.call,
                                          .error = static_cast<uint32_t>(failure.error)});
  _exit(kExitJailFailed);
}

}  // namespace

Entered enter(policy::Worker (*choose)(protocol::Engine)) {
  // A program that was executed by descriptor is called by its number on older kernels.
  (void)prctl(PR_SET_NAME, program_invocation_short_name, 0, 0, 0);
  protocol::Channel channel(Fd(jail::kChannelFd), protocol::Direction::ToWorker);
  auto received = channel.receive();
  if (!received) _exit(kExitJailFailed);
  auto request = received->as<protocol::EnterJail>();
  if (!request) _exit(kExitJailFailed);
  auto missing = jail::LayerSet::from_bits(request->missing);
  if (!missing) _exit(kExitJailFailed);

  const policy::Worker policy = choose(request->engine);
  jail::Entered entered =
      jail::enter({.worker = policy, .data_limit = request->data_limit}, *missing);
  if (entered.broken != nullptr) give_up(channel, entered.broken->name, entered.failure);
  if (!channel.send(protocol::JailComplete{entered.withheld.bits()})) _exit(kExitJailFailed);
  return {std::move(channel), policy};
}

void close_the_jail(policy::Worker policy) {
  // Not done means that the kernel had no memory for it. There is no guest without it ([J2]).
  if (!jail::put_on_filter(policy, policy::Phase::Guest).done()) _exit(kExitJailFailed);
}

Mapping map_sealed(const Fd& fd, uint64_t size) {
  auto found = size_of_sealed(fd.get());
  if (!found || *found != size) _exit(kExitNoJob);
  auto mapping = Mapping::read_only_file(fd.get(), size);
  if (!mapping) _exit(kExitNoJob);
  return std::move(*mapping);
}

}  // namespace cordon::worker
