// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loop: the one place where a supervisor waits ([L1]). Everything that can happen to a run is a
// descriptor that becomes readable here (a worker's end, its messages, its notifications, a signal,
// the end of work in the background) or a moment that passes. Handlers do not block.
#pragma once

#include <poll.h>

#include <functional>
#include <list>

#include "core/base/result.h"
#include "sandbox/supervisor/deadline.h"

namespace cordon::supervisor {

// For one thread. Handlers run on it one at a time, in no order that can be relied on.
class Loop {
 public:
  using Handler = std::function<void(short events)>;

  // Calls `handler` with what poll(2) reports of `fd`, whenever it does. One handler a descriptor.
  void watch(int fd, Handler handler, short events = POLLIN);
  // Safe in any handler, of the same descriptor too.
  void forget(int fd);
  // Calls `handler` once, when `moment` has passed, however full of events the loop is.
  void at(Deadline moment, std::function<void()> handler);

  // Handles what happens until `done`, which is asked after each round. Fails only if the kernel
  // refuses to wait.
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

  // Lists, so that a handler may change them; a forgotten watch keeps its place until the round is
  // over.
  std::list<Watch> watches_;
  std::list<Alarm> alarms_;
};

}  // namespace cordon::supervisor
