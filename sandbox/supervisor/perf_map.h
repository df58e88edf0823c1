// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file in which `perf` looks for the names of generated code: perf-PID.map in /tmp (Linux,
// tools/perf/Documentation/jit-interface.txt). The supervisor opens it, since a worker has no file
// system, and the run worker fills it before the guest runs.
#pragma once

#include <string>

#include "core/base/os/fd.h"
#include "core/base/result.h"

namespace cordon::supervisor {

inline constexpr const char* kPerfMapDirectory = "/tmp";

// The file remains after the run: perf reads it then.
struct PerfMap {
  std::string path;
  Fd file;  // for writing
};

// A new file, for this user alone, for the process of `pidfd`. If the name exists already, even as
// a link, it is a failure: others can write to the directory.
Result<PerfMap> create_perf_map(int pidfd, const std::string& directory = kPerfMapDirectory);

}  // namespace cordon::supervisor
