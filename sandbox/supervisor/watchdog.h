// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Watchdog: a process beneath the supervisor that kills the workers soon after the deadline if the
// supervisor does not ([L1]), because it was stopped or hangs in the kernel. (If it was killed the
// workers die with it.) In a session of its own, with every signal blocked: what stops the
// supervisor, a terminal or `kill -STOP`, does not stop it. It ends when the workers have.
//
// It shares the supervisor's memory, so that making it is cheap, but uses only its own stack of it:
// it makes system calls, not through the C library, and nothing else.
#pragma once

#include <array>

#include "core/base/os/fd.h"
#include "core/base/os/mapping.h"
#include "core/base/result.h"
#include "sandbox/supervisor/deadline.h"

namespace cordon::supervisor {

// Owns the process and its stack, which is memory of the supervisor.
class Watchdog {
 public:
  static constexpr size_t kMostWorkers = 3;
  // -1 for none.
  using Workers = std::array<int, kMostWorkers>;

  // Watches the processes of these pidfds.
  static Result<Watchdog> start(const Workers& pidfds, const Deadline& deadline);
  Watchdog(Watchdog&&) = default;
  Watchdog& operator=(Watchdog&&) = delete;
  // Ends and reaps it.
  ~Watchdog();

 private:
  Watchdog(Fd pidfd, Mapping memory) : memory_(std::move(memory)), pidfd_(std::move(pidfd)) {}
  Mapping memory_;  // its arguments and its stack
  Fd pidfd_;
};

}  // namespace cordon::supervisor
