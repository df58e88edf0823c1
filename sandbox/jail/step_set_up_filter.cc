// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/jail/filter.h"
#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::set_up_filter(const Settings& settings) {
  return put_on_filter(settings.worker, policy::Phase::SetUp);
}

}  // namespace cordon::jail
