// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Signals: what ends or stops a run from outside, as a descriptor for the loop. The command line
// makes one at its start; an embedder, whose signals are its own, none.
//
// SIGINT, SIGTERM and SIGHUP end the run, and its report is written all the same ([V1]). SIGTSTP
// stops the workers and then this process; SIGCONT lets them go on. The clock of the deadline does
// not stop.
#pragma once

#include "core/base/os/fd.h"
#include "core/base/result.h"

namespace cordon::supervisor {

// One in a process. The destructor closes the descriptor and leaves the signals blocked.
class Signals {
 public:
  // Blocks the signals for this thread and all that it makes, and takes SIGCHLD out of the hands of
  // a caller that ignores it. A signal of the three that is ignored stays so (nohup(1)).
  static Result<Signals> take();

  // A signalfd(2), readable when a signal has come; stays this object's.
  int fd() const { return fd_.get(); }
  // The next one that has come, or 0.
  int next();

 private:
  explicit Signals(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace cordon::supervisor
