// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Other processes as /proc shows them. A process may end at any moment, also between the open and
// the read of one of its files: the result is empty then, which is no error.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace cordon::testing {

// The contents of /proc/PID/NAME; empty if the process is gone.
std::string proc_file(pid_t pid, const std::string& name);

struct Process {
  pid_t pid;
  std::string name;  // cut after 15 characters by the kernel
  char state;        // R running, S sleeping, T stopped, Z dead and not waited for: proc(5)
  pid_t parent;
};

std::optional<Process> look_at(pid_t pid);

// All processes visible at this moment.
std::vector<Process> all_processes();
// Those of them, running or dead, whose parent is `parent`.
std::vector<Process> children_of(pid_t parent);

}  // namespace cordon::testing
