// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/path_broker/broker.h"

#include <unistd.h>

#include <algorithm>

#include "sandbox/jail/steps.h"
#include "sandbox/path_broker/server.h"
#include "sandbox/worker/enter.h"

namespace cordon::path_broker {
namespace {

policy::Worker policy_for(protocol::Engine) { return policy::Worker::Paths; }

// Handles that the run worker has closed but not reported yet, and its directories' during an open.
constexpr size_t kSpareHandles = 2 * size_t{protocol::kMaxReleased};

std::vector<Grant> take_grants(const jail::Settings& settings) {
  std::vector<Grant> grants;
  for (uint32_t i = 0; i + 1 < settings.inherited; ++i) {
    const bool writable = (settings.writable_grants >> i & 1) != 0;
    grants.push_back({Fd(jail::kFirstGrantFd + static_cast<int>(i)), writable});
  }
  return grants;
}

}  // namespace

void run() {
  worker::Entered entered = worker::enter(policy_for);
  worker::close_the_jail(entered.policy);  // [J1] [J2] Before the first message of the run worker.
  // The supervisor has answered, so it has taken the filter's listener.
  Fd(jail::kListenerFd).reset();
  protocol::Channel guest(Fd(jail::kGuestChannelFd), protocol::Direction::ToBroker);
  PathService service(take_grants(entered.settings), entered.settings.max_files + kSpareHandles);
  Server server(std::move(guest), std::move(service), jail::kHandOverFd);
  Result<void> served = server.serve();
  if (served) _exit(0);
  const bool lacking = served.error().os_error != 0;
  std::string text = served.error().message();
  text.resize(std::min<size_t>(text.size(), protocol::kMaxText));
  (void)entered.channel.send(protocol::PathsEnded{std::move(text), lacking});  // [P1]
  _exit(0);
}

}  // namespace cordon::path_broker
