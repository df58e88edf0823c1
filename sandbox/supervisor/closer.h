// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Closes the supervisor's copies of the guest's files on their way to the run worker (gate.h).
// close(2) flushes, which may block for ever on FUSE and network file systems, and the kernel may
// not even let a killed process end meanwhile. So a separate process does it, a clone that shares
// the supervisor's memory and descriptors: the supervisor never waits for it ([L1]).
#pragma once

#include <cstddef>

#include "core/base/os/fd.h"
#include "core/base/os/mapping.h"
#include "core/base/result.h"

namespace cordon::supervisor {

// Owned by the supervisor's one thread, which alone calls it.
class Closer {
 public:
  // If this many wait, a file system does not respond.
  static constexpr size_t kMostWaiting = 256;

  // It dies with the calling thread.
  static Result<Closer> start();
  Closer(Closer&&) = default;
  Closer& operator=(Closer&&) = delete;
  // Closes what still waits, ends, and is reaped; if the kernel keeps it, it is abandoned.
  ~Closer();

  // Whether kMostWaiting descriptors wait: close() may not be called then.
  bool full() const;
  // Whether descriptors wait to be closed, which a child of this process would copy and then
  // close.
  bool has_waiting() const;
  // REQUIRES: not full().
  void close(Fd fd);

 private:
  Closer(Fd pidfd, Mapping memory) : memory_(std::move(memory)), pidfd_(std::move(pidfd)) {}
  Mapping memory_;  // the waiting descriptors, and its stack
  Fd pidfd_;
};

}  // namespace cordon::supervisor
