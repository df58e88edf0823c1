// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <sys/prctl.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::undumpable(const Settings&) {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("prctl PR_SET_DUMPABLE");
  return {};
}

}  // namespace cordon::jail
