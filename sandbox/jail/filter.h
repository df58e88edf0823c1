// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Puts the seccomp filters on this process, for good ([J2]); the kernel obeys both.
#pragma once

#include "sandbox/jail/steps.h"

namespace cordon::jail {

// The last step of the jail. Leaves the listener at kListenerFd, for the supervisor to take; from
// here on every call that the policy does not allow waits for the supervisor's answer.
StepResult put_on_set_up_filter(policy::Worker worker);

// Before the guest starts, once the supervisor has the listener: it looks at the filter and lets
// the call go on. Then this process becomes undumpable (no core file, no ptrace, no
// /proc/self/mem for others): not before, since the supervisor's look needs that where there is no
// user namespace.
StepResult put_on_guest_filter(policy::Worker worker);

}  // namespace cordon::jail
