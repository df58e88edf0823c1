// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The steps of entering the jail (the ENTER rows of steps.def), one function each, in
// step_<name>.cc. Called by enter.cc alone, in the table's order, in a process with one thread.
#pragma once

#include <cerrno>
#include <cstdint>

#include "sandbox/policy/policy.h"

namespace cordon::jail {

inline constexpr int kChannelFd = 3;
// Where the set-up filter's listener appears, until the supervisor has taken it (supervisor/gate.h).
inline constexpr int kListenerFd = 4;
// The kernel's overflow id, which owns nothing on any system.
inline constexpr unsigned kNobody = 65534;

struct Settings {
  policy::Worker worker = policy::Worker::Run;
  uint64_t data_limit = 0;     // bytes, for RLIMIT_DATA
  uint64_t address_limit = 0;  // bytes, for RLIMIT_AS
  uint64_t file_limit = 0;     // bytes, for RLIMIT_FSIZE
  uint64_t cpu_limit = 0;      // seconds, for RLIMIT_CPU
};

// Which call failed, and errno.
struct StepResult {
  const char* call = nullptr;
  int error = 0;

  bool done() const { return call == nullptr; }
};

inline StepResult failed(const char* call) { return {call, errno}; }

namespace step {
#define ENTER(name, layer, what) StepResult name(const Settings& settings);
#include "sandbox/jail/steps.def"
}  // namespace step

}  // namespace cordon::jail
