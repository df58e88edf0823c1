// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Worker: one jailed process as the supervisor sees it: its end (by pidfd, so that a reused pid is
// never hit), its channel, and the gate of its filter. A row (WorkerPlan) determines its program
// and its limits. It is killed and reaped by the destructor at the latest: every path through the
// supervisor ends all its processes.
//
// It also has the supervisor's half of building a jail: it requests the worker to enter and
// receives the result. No byte of the guest leaves the supervisor before ready(), so until then the
// process runs only the worker's own program ([J1]).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/jail/identity_map.h"
#include "sandbox/jail/layers.h"
#include "sandbox/protocol/channel.h"
#include "sandbox/supervisor/gate.h"
#include "sandbox/supervisor/loop.h"

namespace cordon::supervisor {

// What to start. `missing` are the layers of the jail that this worker may do without.
struct WorkerPlan {
  std::string program;
  policy::Worker policy;
  jail::LayerSet missing;
  jail::Identity identity = jail::Identity::Nobody;
  int cgroup = -1;                  // as in Launch
  std::vector<int> inherited = {};  // as in Launch; the caller keeps them
};

// How a process ended, from waitid(2) and its rusage.
struct WorkerEnd {
  int code = 0;    // CLD_EXITED, CLD_KILLED or CLD_DUMPED; 0 if it could not be waited for
  int status = 0;  // exit status or signal
  bool killed_by_us = false;
  uint64_t cpu_ns = 0;
  uint64_t max_rss = 0;  // bytes
};

// Move-only; for the thread that started it. Failures after start() are reported by violation(),
// jail_failure() and shortage().
class Worker {
 public:
  // Handles its messages once its jail is complete; a failure is a violation ([P1]).
  using Listener = std::function<Result<void>(const protocol::Received&)>;

  // Launches the program into the first half of the jail (jail/launch.h). Fails after
  // `patience`, and with EINTR once `interrupt` is readable. The worker dies with the calling
  // thread.
  static Result<Worker> start(const WorkerPlan& plan, std::chrono::nanoseconds patience,
                              int interrupt);
  Worker(Worker&&) = default;
  Worker& operator=(Worker&&) = delete;
  ~Worker();

  // From here on the loop serves it, and `listener` receives its messages. It must not move, and
  // outlives the loop's use.
  void join(Loop& loop, Listener listener);

  // Requests it to do the second half; `enter` has limits and engine.
  void ask_to_enter(protocol::EnterJail enter) {
    enter.missing = missing_.bits();
    send(enter);
  }

  // Whether its jail is complete and the supervisor has its gate.
  bool ready() const { return gate_.has_value(); }
  jail::LayerSet withheld() const { return withheld_; }
  Gate& gate() { return *gate_; }
  const Gate& gate() const { return *gate_; }
  // Never waits for a worker that does not read. If a worker is gone its end is reported instead.
  template <class Message>
  void send(const Message& message) {
    note(channel_.send(message, protocol::Channel::Wait::DoNotWait), "does not read");
  }
  void violates(Breach breach);

  // At most one of these: it broke its jail's rules or the protocol; its jail was not made; the
  // supervisor itself lacked what serving it takes.
  const std::optional<Breach>& violation() const { return violation_; }
  const std::string& jail_failure() const { return jail_failure_; }
  const std::string& shortage() const { return shortage_; }
  // Whether its process has ended, and all its messages have been handled.
  bool ended() const { return ended_; }
  // Whether nothing more can be expected of it.
  bool over() const { return ended_ || violation_ || !jail_failure_.empty() || !shortage_.empty(); }

  // A descriptor for waiting and signals; this object keeps ownership.
  int pidfd() const { return pidfd_.get(); }
  pid_t pid() const { return pid_; }
  // No effect on one that has ended.
  void signal(int number);
  // SIGKILL, which nothing can catch or delay.
  void kill();
  // Waits for the end until `limit`; once. `code` is 0 if the kernel does not let it end in time.
  WorkerEnd reap(const Deadline& limit);

 private:
  Worker(pid_t pid, Fd pidfd, protocol::Channel channel, const WorkerPlan& plan)
      : pid_(pid),
        pidfd_(std::move(pidfd)),
        channel_(std::move(channel)),
        policy_(plan.policy),
        missing_(plan.missing) {}
  void take_messages(bool all);
  Result<void> take_message();
  Result<void> take_answer(const protocol::Received& received);
  void note(const Result<void>& done, const char* if_full);
  void serve_gate(short events);
  void leave();

  pid_t pid_;
  Fd pidfd_;
  protocol::Channel channel_;
  policy::Worker policy_;
  jail::LayerSet missing_;
  jail::LayerSet withheld_;
  std::optional<Gate> gate_;
  Loop* loop_ = nullptr;
  Listener listener_;
  bool hung_up_ = false, ended_ = false, killed_ = false;
  std::optional<Breach> violation_;
  std::string jail_failure_, shortage_;
};

}  // namespace cordon::supervisor
