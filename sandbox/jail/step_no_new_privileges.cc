// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <sys/prctl.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::no_new_privileges(const Settings&) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("prctl PR_SET_NO_NEW_PRIVS");
  return {};
}

}  // namespace cordon::jail
