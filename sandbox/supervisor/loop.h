// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loop: the one place where a supervisor waits ([L1]). Every event of a run is a descriptor that
// becomes readable (a worker's end, its messages, its notifications, a signal, the end of
// background work) or a moment that passes. Handlers do not block.
#pragma once

#include <poll.h>

#include <functional>
#include <list>

#include "core/base/result.h"
#include "sandbox/supervisor/deadline.h"

namespace cordon::supervisor {

// For one thread. Handlers run on it one at a time, in an unspecified order.
class Loop {
 public:
  using Handler = std::function<void(short events)>;

  // Calls `handler` with the events of `fd` that poll(2) reports. One handler a descriptor.
  void watch(int fd, Handler handler, short events = POLLIN);
  // Allowed in any handler, also that of the same descriptor.
  void forget(int fd);
  // Calls `handler` once, when `moment` has passed, however many events there are.
  void at(Deadline moment, std::function<void()> handler);

  // Handles events until `done`, which is called after each round, returns true. Fails only if the
  // kernel refuses to wait.
  Result<void> run_until(const std::function<bool()>& done);

 private:
  struct Watch {
    int fd;
    short events;
    Handler handler;
  };
  struct Alarm {
    Deadline moment;
    std::function<void()> handler;
  };
  Result<void> wait();
  void sound_alarms();

  // Lists, so that a handler may change them; a removed watch keeps its place until the end of the
  // round.
  std::list<Watch> watches_;
  std::list<Alarm> alarms_;
};

}  // namespace cordon::supervisor
