// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::descriptors(const Settings& settings) {
  for (int fd = kChannelFd + 1; fd < kInheritedFd; ++fd) close(fd);
  if (syscall(SYS_close_range, kInheritedFd + settings.inherited, ~0U, 0) != 0) {
    return failed("close_range");
  }
  return {};
}

}  // namespace cordon::jail
