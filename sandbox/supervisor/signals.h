// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Signals: what ends or stops a run from outside, as a descriptor for the loop. The command line
// makes one at its start; an embedder, which handles its own signals, makes none.
//
// SIGINT, SIGTERM and SIGHUP end the run, and its report is written all the same ([V1]). SIGTSTP
// stops the workers and then this process; SIGCONT continues them. The deadline's clock does not
// stop.
#pragma once

#include "core/base/os/fd.h"
#include "core/base/result.h"

namespace cordon::supervisor {

// One in a process. The destructor closes the descriptor and leaves the signals blocked.
class Signals {
 public:
  // Blocks the signals for this thread and all that it makes, and resets SIGCHLD if the caller
  // ignores it. An ignored signal among the three stays ignored (nohup(1)).
  static Result<Signals> take();

  // A signalfd(2), readable when a signal has arrived; this object keeps ownership.
  int fd() const { return fd_.get(); }
  // The next one that has arrived, or 0.
  int next();

 private:
  explicit Signals(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace cordon::supervisor
