// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/jail/filter.h"
#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::set_up_filter(const Settings& settings) {
  return put_on_set_up_filter(settings.worker);
}

}  // namespace cordon::jail
