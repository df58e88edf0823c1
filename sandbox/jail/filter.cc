// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/jail/filter.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/policy/filters.h"

namespace cordon::jail {
namespace {

// SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (Linux 5.19): a call that the supervisor has begun to
// answer is not restarted when the worker is stopped and continued.
constexpr unsigned long kWaitKillable = 1UL << 5;

long install(std::span<const sock_filter> filter, unsigned long flags) {
  // The kernel's struct has no const, but the kernel only reads.
  sock_fprog program{static_cast<unsigned short>(filter.size()),
                     const_cast<sock_filter*>(filter.data())};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

}  // namespace

StepResult put_on_set_up_filter(policy::Worker worker) {
  const std::span<const sock_filter> filter = policy::filter_of(worker, policy::Phase::SetUp);
  long listener = install(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER | kWaitKillable);
  if (listener < 0 && errno == EINVAL) listener = install(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER);
  if (listener < 0) return failed("seccomp");
  // The lowest free number, after step_descriptors.
  return listener == kListenerFd ? StepResult{} : StepResult{"seccomp listener", EBADF};
}

StepResult put_on_guest_filter(policy::Worker worker) {
  if (install(policy::filter_of(worker, policy::Phase::Guest), 0) != 0) return failed("seccomp");
  // The supervisor takes opened files from the path broker, for which the broker must be dumpable,
  // or in a user namespace of its own. It has no secrets from its user.
  if (worker == policy::Worker::Paths) return {};
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("prctl PR_SET_DUMPABLE");
  return {};
}

}  // namespace cordon::jail
