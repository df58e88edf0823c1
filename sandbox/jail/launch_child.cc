// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs in a copy of a process that may have had other threads, whose locks may be held for ever. So
// nothing below allocates, and only thin wrappers of system calls are called.
#include "sandbox/jail/launch_child.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "sandbox/jail/steps.h"

namespace cordon::jail {
namespace {

// The numbers at which the child keeps its descriptors, after those that the program inherits.
int g_line = -1;
int g_program = -1;

constexpr size_t kMostInherited = 65;  // a channel and protocol::kMaxPreopens

[[noreturn]] void give_up(LaunchStep step) {
  LaunchFailure failure{step, errno};
  (void)!write(g_line, &failure, sizeof failure);
  _exit(1);
}

// Moves a descriptor away from the numbers that are about to be assigned.
int move_up(int fd, int first_free) {
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, first_free);
  if (moved < 0) give_up(LaunchStep::descriptors);
  return moved;
}

void place(int fd, int number, int flags) {
  if (dup3(fd, number, flags) < 0) give_up(LaunchStep::descriptors);
}

// [J4] A sanitizer's report goes to the user, in test builds that have one.
void take_standard_streams(int null) {
#ifdef CORDON_SANITIZED
  constexpr int kNull = 2;
#else
  constexpr int kNull = 3;
#endif
  for (int fd = 0; fd < kNull; ++fd) {
    if (dup2(null, fd) < 0) give_up(LaunchStep::standard_streams);
  }
}

void take_descriptors(const ChildPlan& plan) {
  const int end = kInheritedFd + static_cast<int>(plan.inherited.size());
  const int first_free = end + 2;
  int program = move_up(plan.program, first_free);
  int channel = move_up(plan.channel, first_free);
  int line = move_up(plan.line, first_free);
  int null = move_up(plan.null, first_free);
  int inherited[kMostInherited];
  if (plan.inherited.size() > kMostInherited) give_up(LaunchStep::descriptors);
  for (size_t i = 0; i < plan.inherited.size(); ++i) {
    inherited[i] = move_up(plan.inherited[i], first_free);
  }
  take_standard_streams(null);
  place(line, end, O_CLOEXEC);
  g_line = end;
  place(program, end + 1, O_CLOEXEC);
  g_program = end + 1;
  place(channel, kChannelFd, 0);
  for (size_t i = 0; i < plan.inherited.size(); ++i) {
    place(inherited[i], kInheritedFd + static_cast<int>(i), 0);
  }
  for (int fd = kChannelFd + 1; fd < kInheritedFd; ++fd) close(fd);
  if (syscall(SYS_close_range, first_free, ~0U, 0) != 0) give_up(LaunchStep::descriptors);
}

void wait_for_the_word() {
  char word;
  ssize_t got;
  do {
    got = read(g_line, &word, 1);
  } while (got < 0 && errno == EINTR);
  if (got != 1) _exit(1);  // the supervisor died
}

// An exec preserves ignored signals and the mask. SIGPIPE and SIGXFSZ are ignored, so that the call
// that caused them fails instead, also without a pid namespace.
void reset_signals() {
  struct sigaction act{};
  for (int signal = 1; signal < NSIG; ++signal) {
    act.sa_handler = signal == SIGPIPE || signal == SIGXFSZ ? SIG_IGN : SIG_DFL;
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    // EINVAL: the two that the C library reserves for itself.
    if (sigaction(signal, &act, nullptr) != 0 && errno != EINVAL) give_up(LaunchStep::signals);
  }
  sigset_t none;
  sigemptyset(&none);
  if (sigprocmask(SIG_SETMASK, &none, nullptr) != 0) give_up(LaunchStep::signals);
}

// An exec as nobody loses all capabilities except the ambient ones. Only those that the namespaces
// gave (or root has) can be passed on; the worker drops them for good.
void lend_capabilities() {
  constexpr unsigned kLent[] = {CAP_SYS_ADMIN, CAP_SETPCAP, CAP_SETUID, CAP_SETGID};
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, sets) != 0) give_up(LaunchStep::lent_capabilities);
  uint32_t lent = 0;
  for (unsigned capability : kLent) lent |= sets[0].permitted & CAP_TO_MASK(capability);
  sets[0].inheritable = lent;
  if (syscall(SYS_capset, &header, sets) != 0) give_up(LaunchStep::lent_capabilities);
  for (unsigned capability : kLent) {
    if ((lent & CAP_TO_MASK(capability)) == 0) continue;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) {
      give_up(LaunchStep::lent_capabilities);
    }
  }
}

// A program of root's gets every capability that is in the bounding set.
void bound_file_capabilities(uint32_t kept) {
  for (int capability = 0; capability < 32; ++capability) {
    const uint32_t bit = uint32_t{1} << capability;
    if ((kFileCapabilities & ~kept & bit) == 0) continue;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM) {
      give_up(LaunchStep::lent_capabilities);
    }
  }
}

}  // namespace

void run_child(const ChildPlan& plan) {
  g_line = plan.line;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) give_up(LaunchStep::parent_death);  // [J3]
  take_descriptors(plan);
  wait_for_the_word();
  reset_signals();
  bound_file_capabilities(plan.file_capabilities);
  lend_capabilities();
  char* const no_environment[] = {nullptr};
  syscall(SYS_execveat, g_program, "", plan.arguments, no_environment, AT_EMPTY_PATH);
  give_up(LaunchStep::program);
}

}  // namespace cordon::jail
