// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The steps of entering the jail (the ENTER rows of steps.def), one function each, in
// step_<name>.cc. Called by enter.cc alone, in the table's order, in a process with one thread.
#pragma once

#include <linux/capability.h>

#include <cerrno>
#include <cstdint>

#include "sandbox/policy/policy.h"

namespace cordon::jail {

inline constexpr int kChannelFd = 3;
// The number at which the set-up filter's listener appears, until the supervisor takes it
// (supervisor/gate.h).
inline constexpr int kListenerFd = 4;
// The number of the run worker's channel to the path broker, and of the file that the supervisor
// takes from the path broker for the run worker; both once the listener is gone.
inline constexpr int kPathsFd = kListenerFd;
inline constexpr int kHandOverFd = kListenerFd;
// The path broker inherits its channel to the run worker, then the granted directories.
inline constexpr int kInheritedFd = 5;
inline constexpr int kGuestChannelFd = kInheritedFd;
inline constexpr int kFirstGrantFd = kGuestChannelFd + 1;
// [S1] The most that a run worker may take of its own stack, in bytes. Each call from one engine to
// the other takes some (runtime/execution.h), so it has more than others.
inline constexpr uint64_t kRunStack = uint64_t{96} << 20;
// The kernel's overflow id, which owns nothing on any system.
inline constexpr unsigned kNobody = 65534;

// The capabilities to use others' files. The path broker keeps those that its supervisor has.
inline constexpr uint32_t kFileCapabilities =
    CAP_TO_MASK(CAP_DAC_OVERRIDE) | CAP_TO_MASK(CAP_DAC_READ_SEARCH) | CAP_TO_MASK(CAP_FOWNER);

// The input of the steps, from the supervisor (protocol::EnterJail), before any byte of the guest.
struct Settings {
  policy::Worker worker = policy::Worker::Run;
  uint64_t data_limit = 0;       // bytes, for RLIMIT_DATA
  uint64_t address_limit = 0;    // bytes, for RLIMIT_AS
  uint64_t file_limit = 0;       // bytes, for RLIMIT_FSIZE
  uint64_t cpu_limit = 0;        // seconds, for RLIMIT_CPU
  uint32_t max_files = 0;        // that the guest may have open
  uint32_t inherited = 0;        // number of the worker's descriptors from kInheritedFd on
  uint64_t writable_grants = 0;  // the path broker's: bit i for the i-th granted directory
};

// The call that failed, and errno.
struct StepResult {
  const char* call = nullptr;
  int error = 0;

  // Whether the step was done; `error` has no meaning then.
  bool done() const { return call == nullptr; }
};

// The result for a system call that has just failed; reads errno. `call` has static storage.
inline StepResult failed(const char* call) { return {call, errno}; }

namespace step {
#define ENTER(name, layer, what) StepResult name(const Settings& settings);
#include "sandbox/jail/steps.def"
}  // namespace step

}  // namespace cordon::jail
