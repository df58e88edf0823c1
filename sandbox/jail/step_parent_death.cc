// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Requested once before the exec and here again, since a change of identity resets it. A supervisor
// that died in between has closed its end of the channel.
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::parent_death(const Settings&) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return failed("prctl PR_SET_PDEATHSIG");
  pollfd channel{kChannelFd, POLLIN, 0};
  if (poll(&channel, 1, 0) < 0) return failed("poll of the channel");
  if ((channel.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
    return {"poll of the channel", EPIPE};
  }
  return {};
}

}  // namespace cordon::jail
