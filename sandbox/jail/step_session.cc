// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <unistd.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::session(const Settings&) {
  if (setsid() < 0) return failed("setsid");
  return {};
}

}  // namespace cordon::jail
