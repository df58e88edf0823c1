// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <sched.h>
#include <unistd.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::uts_namespace(const Settings&) {
  if (unshare(CLONE_NEWUTS) != 0) return failed("unshare CLONE_NEWUTS");
  if (sethostname("cordon", 6) != 0) return failed("sethostname");
  if (setdomainname("", 0) != 0) return failed("setdomainname");
  return {};
}

}  // namespace cordon::jail
