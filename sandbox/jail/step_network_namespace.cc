// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <sched.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::network_namespace(const Settings&) {
  if (unshare(CLONE_NEWNET) != 0) return failed("unshare CLONE_NEWNET");
  return {};
}

}  // namespace cordon::jail
