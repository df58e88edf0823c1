// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Installs the seccomp filters in this process, permanently ([J2]); both apply.
#pragma once

#include "sandbox/jail/steps.h"

namespace cordon::jail {

// The last step of the jail. Leaves the listener at kListenerFd, where the supervisor takes it;
// from here on every call that the policy does not allow waits for the supervisor's answer.
StepResult put_on_set_up_filter(policy::Worker worker);

// Called before the guest starts, once the supervisor has the listener: it inspects the filter and
// lets the call proceed. Then this process becomes undumpable (no core file, no ptrace, no
// /proc/self/mem for others): not earlier, since without a user namespace the supervisor could not
// inspect it then.
StepResult put_on_guest_filter(policy::Worker worker);

}  // namespace cordon::jail
