// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/jail/reap.h"

#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <vector>

namespace cordon::jail {

namespace {

struct Held {
  Fd pidfd;
  Mapping memory;
};

// False if it has not ended in that time.
bool reap_within(int pidfd, std::chrono::nanoseconds patience) {
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

struct AllHeld {
  std::mutex lock;
  std::vector<Held> processes;
};

AllHeld& all_held() {
  static auto* const held = new AllHeld;  // never destroyed: clones run till the end
  return *held;
}

}  // namespace

bool reap(Fd pidfd, std::chrono::nanoseconds patience, Mapping memory) {
  reap_held();
  if (reap_within(pidfd.get(), patience)) return true;
  AllHeld& held = all_held();
  const std::lock_guard guard(held.lock);
  held.processes.push_back({std::move(pidfd), std::move(memory)});
  return false;
}

void reap_held() {
  AllHeld& held = all_held();
  const std::lock_guard guard(held.lock);
  std::erase_if(held.processes,
                [](const Held& process) { return reap_within(process.pidfd.get(), {}); });
}

}  // namespace cordon::jail
