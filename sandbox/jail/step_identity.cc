// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <grp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::identity(const Settings& settings) {
  // Files are opened with the rights of the user.
  if (settings.worker == policy::Worker::Paths) return {};
  // An ordinary user's supplementary groups cannot be dropped (user_namespaces(7) denies setgroups
  // there), and then EPERM is the answer. As root, setresgid needs the same rights as setgroups,
  // and its failure is not ignored.
  if (syscall(SYS_setgroups, 0, nullptr) != 0 && errno != EPERM) return failed("setgroups");
  if (syscall(SYS_setresgid, kNobody, kNobody, kNobody) != 0) return failed("setresgid");
  if (syscall(SYS_setresuid, kNobody, kNobody, kNobody) != 0) return failed("setresuid");
  return {};
}

}  // namespace cordon::jail
