// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/handshake.h"

#include <poll.h>

#include <cerrno>
#include <cstring>

#include "core/base/os/memfd.h"

namespace cordon::supervisor {
namespace {

using protocol::Channel;
using protocol::MessageId;

// What a worker may need besides the guest's linear memories and stacks, whatever the module:
// itself, tables, twice while one grows. What is made of a module is charged by the module's size:
// its decoded form, and in a compile worker the code with all that is known while it is made.
constexpr uint64_t kWorkerMemory = uint64_t{512} << 20;
constexpr uint64_t kMemoryPerModuleByte = 16;
constexpr uint64_t kCompileMemoryPerModuleByte = 48;

// [L1] RLIMIT_DATA: the kernel's own cap under the engine's.
Result<uint64_t> data_limit(WorkerKind kind, const RunRequest& request, const Inputs& inputs) {
  const uint64_t module_size = inputs.module_size;
  if (kind == WorkerKind::Compile) return kWorkerMemory + kCompileMemoryPerModuleByte * module_size;
  uint64_t limit = kWorkerMemory + kMemoryPerModuleByte * module_size;
  uint64_t code_size = 0;
  if (inputs.precompiled.valid()) code_size = TRY(size_of_sealed(inputs.precompiled.get()));
  // The stack twice: native code has one of its own. Tables of code in a file: they may be all of
  // it, and there is a second copy while the first is checked.
  for (uint64_t part :
       {request.max_memory, request.max_stack, request.max_stack, code_size, code_size}) {
    limit = part > ~uint64_t{0} - limit ? ~uint64_t{0} : limit + part;
  }
  return limit;
}

void take_failure(const protocol::JailFailed& failed, Handshake& handshake) {
  handshake.end.jail_failure = "step " + failed.step + ": " + failed.call + ": " +
                               std::strerror(static_cast<int>(failed.error));
}

// Anything but one of the two messages that are due is a violation ([P1]).
Result<void> take_answer(Channel& channel, jail::LayerSet missing, Handshake& handshake) {
  protocol::Received received = TRY(channel.receive(Channel::Wait::DoNotWait));
  if (received.id == MessageId::JailFailed) {
    take_failure(TRY(received.as<protocol::JailFailed>()), handshake);
    return {};
  }
  if (received.id != MessageId::JailComplete) {
    return fail(protocol::diag::malformed_message, kNoOffset,
                std::string(protocol::row_of(received.id).name) + " before the jail was complete");
  }
  auto complete = TRY(received.as<protocol::JailComplete>());
  auto withheld = jail::LayerSet::from_bits(complete.withheld);
  if (!withheld || !withheld->within(missing)) {  // [J1]
    return fail(protocol::diag::malformed_message, kNoOffset, "layers left out without leave");
  }
  handshake.withheld = *withheld;
  handshake.complete = true;
  return {};
}

void take_message(Channel& channel, jail::LayerSet missing, Handshake& handshake) {
  Result<void> taken = take_answer(channel, missing, handshake);
  if (taken || taken.error().os_error == EAGAIN) return;
  if (taken.error().kind == &protocol::diag::peer_closed) {
    handshake.end.jail_failure = "the worker hung up before its jail was complete";
  } else {
    handshake.end.violation = taken.error().message();
  }
}

bool over(const Handshake& handshake) {
  const SessionEnd& end = handshake.end;
  return handshake.complete || !end.jail_failure.empty() || !end.violation.empty() || end.timed_out;
}

}  // namespace

Result<void> ask_to_enter(Channel& channel, WorkerKind kind, const Inputs& inputs,
                          jail::LayerSet missing, const RunRequest& request) {
  protocol::EnterJail enter{.engine = engine_of(request),
                            .data_limit = TRY(data_limit(kind, request, inputs)),
                            .missing = missing.bits()};
  // A worker that is dead already shows in await_jail.
  (void)channel.send(enter, {}, Channel::Wait::DoNotWait);
  return {};
}

Result<Handshake> await_jail(Channel& channel, int pidfd, jail::LayerSet missing,
                             const Deadline& deadline) {
  Handshake handshake;
  while (!over(handshake)) {
    pollfd waits[] = {{pidfd, POLLIN, 0}, {channel.fd(), POLLIN, 0}};
    timespec left = deadline.left();
    int ready = ppoll(waits, 2, &left, nullptr);
    if (ready < 0 && errno != EINTR) return fail_os("ppoll", errno);
    if (deadline.passed()) {
      handshake.end.timed_out = true;  // [L1]
    } else if (ready > 0 && (waits[1].revents & POLLIN) != 0) {
      take_message(channel, missing, handshake);
    } else if (ready > 0 && (waits[0].revents != 0 || waits[1].revents != 0)) {
      handshake.end.worker_ended = waits[0].revents != 0;
      handshake.end.jail_failure = "the worker ended before its jail was complete";
    }
  }
  return handshake;
}

}  // namespace cordon::supervisor
