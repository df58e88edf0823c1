// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <sys/prctl.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::bounding_set(const Settings&) {
  // The kernel has a last capability: the number after it gives EINVAL.
  for (unsigned long capability = 0;; ++capability) {
    if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) < 0) break;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return failed("prctl PR_CAPBSET_DROP");
  }
  return {};
}

}  // namespace cordon::jail
