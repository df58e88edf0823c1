// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/worker/enter.h"

#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/base/os/memfd.h"
#include "sandbox/jail/enter.h"
#include "sandbox/jail/filter.h"
#include "sandbox/worker/ask.h"

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
  // On older kernels a program executed by descriptor is named after its number.
  (void)prctl(PR_SET_NAME, program_invocation_short_name, 0, 0, 0);
  protocol::Channel channel(Fd(jail::kChannelFd), protocol::Direction::ToWorker);
  auto received = channel.receive();
  if (!received) _exit(kExitJailFailed);
  auto request = received->as<protocol::EnterJail>();
  if (!request) _exit(kExitJailFailed);
  auto missing = jail::LayerSet::from_bits(request->missing);
  if (!missing) _exit(kExitJailFailed);

  const policy::Worker policy = choose(request->engine);
  const jail::Settings settings{.worker = policy,
                                .data_limit = request->data_limit,
                                .address_limit = request->address_limit,
                                .file_limit = request->file_limit,
                                .cpu_limit = request->cpu_limit,
                                .max_files = request->max_files,
                                .inherited = request->inherited,
                                .writable_grants = request->writable_grants};
  jail::Entered entered = jail::enter(settings, *missing);
  if (entered.broken != nullptr) give_up(channel, entered.broken->name, entered.failure);
  if (!channel.send(protocol::JailComplete{entered.withheld.bits()})) _exit(kExitJailFailed);
  return {std::move(channel), policy, settings};
}

void close_the_jail(policy::Worker policy) {
  // Failure means that the kernel had no memory for it. No guest runs without it ([J2]).
  if (!jail::put_on_guest_filter(policy).done()) _exit(kExitJailFailed);
}

Result<protocol::Received> receive_job(protocol::Channel& channel) {
  protocol::Received received = TRY(channel.receive());
  Fd(jail::kListenerFd).reset();
  return received;
}

Result<Mapping> map_sealed(protocol::Descriptor what, uint64_t size, Mapping::Pages pages) {
  const Fd file = TRY(ask_for(what));
  if (TRY(size_of_sealed(file.get())) != size) {
    return fail(protocol::diag::malformed_message, kNoOffset, "a memfd of another size");
  }
  return Mapping::read_only_file(file.get(), size, pages);
}

}  // namespace cordon::worker
