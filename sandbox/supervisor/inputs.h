// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a run needs from the file system, opened before the worker starts: module, precompiled code,
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
  Fd precompiled;     // one more, open for reading only; none unless the request names a file
  std::vector<Grant> grants;
  bool timed_out = false;  // a file came too slowly through a pipe; nothing else is to be used then
};

Result<Inputs> open_inputs(const RunRequest& request, const Deadline& deadline);

}  // namespace cordon::supervisor
