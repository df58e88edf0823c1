// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// launch(): the first half of the jail, the LAUNCH rows of steps.def. The supervisor makes a child
// in new user and pid namespaces, the child executes the worker's program, and that program does
// the second half (enter.h).
//
// Between clone and exec the child is a copy of one thread of the supervisor (launch_child.cc): it
// makes system calls and nothing else. Meanwhile the supervisor writes the identity map, which only
// it may do; the two communicate over a socket pair that the exec closes.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <span>
#include <string>

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/jail/identity_map.h"
#include "sandbox/jail/layers.h"

namespace cordon::jail {

namespace diag {
#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "sandbox/jail/diagnostics.def"
}  // namespace diag

// The program to launch, and its descriptors, which the caller keeps; the worker gets copies.
struct Launch {
  std::string program;                  // path of the worker
  int channel = -1;                     // becomes the worker's fd 3
  std::span<const int> inherited = {};  // become kInheritedFd and those after it
  Identity identity = Identity::Nobody;
  int cgroup = -1;                       // of the run (cgroup.h), if there is one
  LayerSet missing;                      // by probe_layers(); empty for a full jail
  std::chrono::nanoseconds patience{0};  // how long the child may take to reach its exec
  int interrupt = -1;                    // once readable, ends that wait (EINTR)
};

// The layers that launch() makes or, if missing, leaves out; the worker makes all others.
constexpr LayerSet launch_layers() {
  LayerSet layers;
  layers.add(Layer::user_namespace);
  layers.add(Layer::pid_namespace);
  return layers;
}

// A running process. The pidfd is closed on exec; the pid may be reused once the process is reaped.
struct Launched {
  pid_t pid;
  Fd pidfd;
};

// The program is running. The calling thread is its parent: when that thread ends, the worker
// dies. Fails with diag::step_failed, or if the program cannot be opened; no process is left
// then.
Result<Launched> launch(const Launch& launch);

}  // namespace cordon::jail
