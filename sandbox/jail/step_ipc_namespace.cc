// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <sched.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::ipc_namespace(const Settings&) {
  if (unshare(CLONE_NEWIPC) != 0) return failed("unshare CLONE_NEWIPC");
  return {};
}

}  // namespace cordon::jail
