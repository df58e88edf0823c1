// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Closes the descriptors that a guest's files had here on their way to the run worker (gate.h).
// close(2) flushes, which FUSE and network file systems may take for ever over, and the kernel may
// not even let a killed process go meanwhile. So a process of its own does it, a clone that shares
// the supervisor's memory and descriptors: nothing of the supervisor waits for it ([L1]).
#pragma once

#include <cstddef>

#include "core/base/os/fd.h"
#include "core/base/os/mapping.h"
#include "core/base/result.h"

namespace cordon::supervisor {

// Owned by the supervisor's one thread, which alone calls it.
class Closer {
 public:
  // So many that wait are a file system that does not answer.
  static constexpr size_t kMostWaiting = 256;

  // It dies with the calling thread.
  static Result<Closer> start();
  Closer(Closer&&) = default;
  Closer& operator=(Closer&&) = delete;
  // It closes what still waits, ends, and is reaped; one that the kernel holds is left to it.
  ~Closer();

  // Whether kMostWaiting descriptors wait: close() may not be called then.
  bool full() const;
  // Whether descriptors wait to be closed, which a child of this process would copy, and then
  // close.
  bool has_waiting() const;
  // REQUIRES: not full().
  void close(Fd fd);

 private:
  Closer(Fd pidfd, Mapping memory) : memory_(std::move(memory)), pidfd_(std::move(pidfd)) {}
  Mapping memory_;  // what waits, and its stack
  Fd pidfd_;
};

}  // namespace cordon::supervisor
