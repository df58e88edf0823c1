// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Worker: the owner of one jailed process, by pidfd, so that a reused pid is never hit. It is
// killed and reaped at the latest by the destructor: no path through the supervisor leaves a
// process behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/jail/layers.h"

namespace cordon::supervisor {

// How a process ended, from waitid(2) and its rusage.
struct WorkerEnd {
  int code = 0;    // CLD_EXITED, CLD_KILLED or CLD_DUMPED
  int status = 0;  // exit status or signal
  uint64_t cpu_ns = 0;
  uint64_t max_rss = 0;  // bytes
};

class Worker {
 public:
  Worker(Worker&&) = default;
  Worker& operator=(Worker&&) = delete;
  ~Worker();

  // Starts the program at `path` with `channel` as its channel, in the first half of the jail but
  // for the layers in `missing` (jail/launch.h); the worker itself does the second. Gives up after
  // `patience`. The worker dies with the calling thread.
  static Result<Worker> start(const std::string& path, Fd channel, jail::LayerSet missing,
                              std::chrono::nanoseconds patience);

  int pidfd() const { return pidfd_.get(); }

  // SIGKILL, which nothing can catch or hold up. No effect on one that has ended.
  void kill();
  // Waits for the end; once.
  Result<WorkerEnd> reap();

 private:
  explicit Worker(Fd pidfd) : pidfd_(std::move(pidfd)) {}
  Fd pidfd_;
};

}  // namespace cordon::supervisor
