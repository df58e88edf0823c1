// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/loop.h"

#include <algorithm>
#include <cerrno>
#include <vector>

namespace cordon::supervisor {

void Loop::watch(int fd, Handler handler, short events) {
  watches_.push_back({fd, events, std::move(handler)});
}

void Loop::forget(int fd) {
  for (Watch& watch : watches_) {
    if (watch.fd == fd) watch.fd = -1;
  }
}

void Loop::at(Deadline moment, std::function<void()> handler) {
  alarms_.push_back({moment, std::move(handler)});
}

void Loop::sound_alarms() {
  for (auto alarm = alarms_.begin(); alarm != alarms_.end();) {
    if (!alarm->moment.passed()) {
      ++alarm;
      continue;
    }
    const std::function<void()> handler = std::move(alarm->handler);
    alarm = alarms_.erase(alarm);
    handler();
  }
}

Result<void> Loop::wait() {
  watches_.remove_if([](const Watch& watch) { return watch.fd < 0; });
  std::vector<pollfd> polls;
  for (const Watch& watch : watches_) polls.push_back({watch.fd, watch.events, 0});
  timespec left{};
  const timespec* timeout = nullptr;
  if (!alarms_.empty()) {
    const auto earlier = [](const Alarm& a, const Alarm& b) {
      return a.moment.time_left() < b.moment.time_left();
    };
    left = std::min_element(alarms_.begin(), alarms_.end(), earlier)->moment.left();
    timeout = &left;
  }
  const int ready = ppoll(polls.data(), polls.size(), timeout, nullptr);
  if (ready < 0 && errno != EINTR) return fail_os("ppoll", errno);
  sound_alarms();
  if (ready <= 0) return {};
  auto watch = watches_.begin();
  for (const pollfd& poll : polls) {
    // An earlier handler of this round may have removed it.
    if (poll.revents != 0 && watch->fd == poll.fd) {
      const Handler handler = watch->handler;
      handler(poll.revents);
    }
    ++watch;
  }
  return {};
}

Result<void> Loop::run_until(const std::function<bool()>& done) {
  sound_alarms();
  while (!done()) TRY_VOID(wait());
  return {};
}

}  // namespace cordon::supervisor
