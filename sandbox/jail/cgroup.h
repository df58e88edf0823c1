// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cgroup: the control group of one run (cgroups(7), version 2), in which all of its workers are
// started: what they take together is bounded by the kernel, with page tables, sockets and files in
// memory, which no rlimit counts ([L1]). The supervisor makes one where it may: beneath its own
// group or beside it, where the controllers memory and pids are enabled for the groups there. Where
// it may not, a run has none. Once there is one, a limit that cannot be set is a failure of the
// jail.
//
// Its supervisor holds a lock (flock(2)) on its directory. A group without a lock was abandoned by
// a supervisor that was killed; the next supervisor that makes a group there removes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/os/fd.h"
#include "core/base/result.h"

namespace cordon::jail {

// The place where groups may be made, or the reason why there is none.
struct CgroupPlace {
  Fd directory;
  std::string path;
  std::string why_not;
};
CgroupPlace find_cgroup_place();

// The group's path in the file system, for a process whose /proc/PID/cgroup and /proc/PID/mountinfo
// have these contents; empty if it cannot be determined.
std::string path_of_cgroup(std::string_view cgroup, std::string_view mountinfo);

// A group that this process has made and holds the lock of.
class Cgroup {
 public:
  // Nothing if none may be made here. The limit on processes is set; memory is not bounded yet.
  // Fails with diag::step_failed.
  static Result<std::optional<Cgroup>> make();
  Cgroup(Cgroup&&) = default;
  Cgroup& operator=(Cgroup&&) = delete;
  // Removes it, unless the kernel still holds a process in it.
  ~Cgroup();

  // Its directory, for clone3(2).
  int fd() const { return directory_.get(); }
  // Its path in the file system, for messages and tests.
  const std::string& path() const { return path_; }

  // In bytes. If they use more, the kernel kills all of its processes.
  Result<void> limit_memory(uint64_t most);
  bool was_out_of_memory() const;

 private:
  Cgroup(Fd place, std::string name, std::string path)
      : place_(std::move(place)), name_(std::move(name)), path_(std::move(path)) {}

  bool lock();
  Result<void> write(const char* file, const std::string& text);

  Fd place_;  // the directory that it is in
  std::string name_, path_;
  Fd directory_;  // locked
};

}  // namespace cordon::jail
