// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/jail/filter.h"

#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/policy/filters.h"

namespace cordon::jail {

StepResult put_on_filter(policy::Worker worker, policy::Phase phase) {
  std::span<const sock_filter> filter = policy::filter_of(worker, phase);
  // The kernel's struct has no const; it only reads.
  sock_fprog program{static_cast<unsigned short>(filter.size()),
                     const_cast<sock_filter*>(filter.data())};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) return failed("seccomp");
  return {};
}

}  // namespace cordon::jail
