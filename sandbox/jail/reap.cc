// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/jail/reap.h"

#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>

namespace cordon::jail {

bool reap(int pidfd, std::chrono::nanoseconds patience) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + patience;
  pollfd wait{pidfd, POLLIN, 0};
  int ready;
  do {
    const auto left = std::max(end - Clock::now(), Clock::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec time{seconds.count(), (left - seconds).count()};
    ready = ppoll(&wait, 1, &time, nullptr);
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) return false;
  siginfo_t info;
  while (waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info,
                WEXITED | __WALL) != 0 &&
         errno == EINTR) {
  }
  return true;
}

}  // namespace cordon::jail
