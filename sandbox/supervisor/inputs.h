// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a run needs from the file system, opened before a worker starts: module, precompiled code,
// configuration, granted directories. Failures name the file and the call.
#pragma once

#include <vector>

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/supervisor/deadline.h"
#include "sandbox/supervisor/path_service.h"
#include "sandbox/supervisor/run.h"

namespace cordon::supervisor {

struct Inputs {
  Fd module, config;  // sealed memfds
  // A module in a regular file is copied by copy_module(), while the workers make their jails.
  Fd module_file;
  uint64_t module_size = 0;  // of the copy at most
  Fd precompiled;  // one more, open for reading only; none unless the request names a file
  std::vector<Grant> grants;
  bool timed_out = false;  // a file came too slowly through a pipe; nothing else is to be used then
};

Result<Inputs> open_inputs(const RunRequest& request, const Deadline& deadline);
// From here on there is `module`.
Result<void> copy_module(const RunRequest& request, Inputs& inputs);

}  // namespace cordon::supervisor
