// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/watchdog.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "sandbox/jail/reap.h"
#include "sandbox/supervisor/raw_call.h"
#include "sandbox/supervisor/without_signals.h"

namespace cordon::supervisor {
namespace {

// The supervisor has this much time to act first: it has a report to write.
constexpr std::chrono::milliseconds kSlack{20};
constexpr size_t kStack = size_t{64} << 10;

struct Orders {
  Watchdog::Workers pidfds;
  timespec deadline;  // CLOCK_MONOTONIC
};

// The time left until `deadline`; false once it has passed.
__attribute__((no_sanitize("all"))) bool time_left(const timespec& deadline, timespec& left) {
  timespec now;
  raw_call(SYS_clock_gettime, CLOCK_MONOTONIC, address(&now));
  left = {deadline.tv_sec - now.tv_sec, deadline.tv_nsec - now.tv_nsec};
  if (left.tv_nsec < 0) left = {left.tv_sec - 1, left.tv_nsec + 1'000'000'000};
  return left.tv_sec >= 0;
}

// Keeps only the pidfds, which are in ascending order, open: a worker that has lost its supervisor
// must see the end of its channel.
__attribute__((no_sanitize("all"))) void keep_only(const Watchdog::Workers& pidfds) {
  long first = 0;
  for (int pidfd : pidfds) {
    if (pidfd < 0) continue;
    if (pidfd > first) raw_call(SYS_close_range, first, pidfd - 1);
    first = pidfd + 1;
  }
  raw_call(SYS_close_range, first, 0xffffffffL);
}

// Runs on a stack of its own, beside the supervisor's threads.
__attribute__((no_sanitize("all"), no_stack_protector)) int watch(void* argument) {
  const Orders& orders = *static_cast<const Orders*>(argument);
  raw_call(SYS_setsid);
  keep_only(orders.pidfds);
  pollfd waits[Watchdog::kMostWorkers];
  for (size_t i = 0; i < Watchdog::kMostWorkers; ++i) waits[i] = {orders.pidfds[i], POLLIN, 0};
  timespec left;
  bool living = true;
  while (living && time_left(orders.deadline, left)) {
    raw_call(SYS_ppoll, address(waits), Watchdog::kMostWorkers, address(&left), 0, 0);
    living = false;
    for (pollfd& wait : waits) {
      if (wait.revents != 0) wait.fd = -1;
      living = living || wait.fd >= 0;
    }
  }
  for (const pollfd& wait : waits) {
    if (wait.fd >= 0) raw_call(SYS_pidfd_send_signal, wait.fd, SIGKILL, 0, 0);
  }
  raw_call(SYS_exit, 0);
  return 0;
}

}  // namespace

Result<Watchdog> Watchdog::start(const Workers& pidfds, const Deadline& deadline) {
  Mapping memory = TRY(Mapping::anonymous(kStack));
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto end = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec) +
                   deadline.time_left() + kSlack;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(end);
  Workers sorted = pidfds;
  std::sort(sorted.begin(), sorted.end());
  auto* orders = new (memory.base()) Orders{sorted, {seconds.count(), (end - seconds).count()}};
  const WithoutSignals quiet;
  int pidfd = -1;
  // No signal when it ends, so that no other wait(2) reports it.
  const int pid = clone(watch, memory.base() + kStack, CLONE_VM | CLONE_PIDFD, orders, &pidfd);
  if (pid < 0) return fail_os("clone of the watchdog", errno);
  return Watchdog(Fd(pidfd), std::move(memory));
}

Watchdog::~Watchdog() {
  if (!pidfd_.valid()) return;
  (void)syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  // [L1] It has copies of descriptors, and a file system may delay their closing.
  (void)jail::reap(std::move(pidfd_), jail::kTimeToGo, std::move(memory_));
}

}  // namespace cordon::supervisor
