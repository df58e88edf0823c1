// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Indirect branches: the kernel then separates this process's branch predictions from those of
// processes that run before, after and beside it. Speculative store bypass stays enabled: it
// reveals to a process only its own memory, all of which is the guest's ([J3]), and disabling it
// slows an interpreter much.
#include <linux/prctl.h>
#include <sys/prctl.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::speculation(const Settings&) {
  int state = prctl(PR_GET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH, 0, 0, 0);
  // If the kernel decides for all processes alike, or has nothing to decide, there is no step.
  bool per_process = state >= 0 && (state & PR_SPEC_PRCTL) != 0;
  if (!per_process) return {};
  if (prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH, PR_SPEC_FORCE_DISABLE, 0, 0) != 0) {
    return failed("prctl PR_SET_SPECULATION_CTRL");
  }
  return {};
}

}  // namespace cordon::jail
