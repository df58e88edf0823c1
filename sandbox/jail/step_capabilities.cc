// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::capabilities(const Settings& settings) {
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
    return failed("prctl PR_CAP_AMBIENT_CLEAR_ALL");
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct now[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, now) != 0) return failed("capget");
  // The launch has left no more of these than the supervisor has.
  const bool opens_files = settings.worker == policy::Worker::Paths;
  const uint32_t left = opens_files ? now[0].permitted & kFileCapabilities : 0;
  const __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{left, left, 0}, {0, 0, 0}};
  if (syscall(SYS_capset, &header, sets) != 0) return failed("capset");
  return {};
}

}  // namespace cordon::jail
