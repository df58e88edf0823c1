// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Puts a seccomp filter on this process, for good ([J2]). Once for set-up as the last step of the
// jail, once more by the worker before its guest starts; the kernel then obeys both.
#pragma once

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult put_on_filter(policy::Worker worker, policy::Phase phase);

}  // namespace cordon::jail
