// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a run needs from the file system, opened before a worker starts: module, precompiled code,
// configuration, granted directories. Failures name the file and the call. All of it may take as
// long as the file systems like: for a thread in the background (background.h).
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/supervisor/deadline.h"
#include "sandbox/supervisor/run.h"

namespace cordon::supervisor {

// A directory on the host, open (O_DIRECTORY, readable), and whether the guest may change it.
struct Grant {
  Fd directory;
  bool writable = false;
  std::optional<dev_t> local;  // its device, if files there are closed at once (closes_at_once())
};

// Owns all that was opened. An Fd that is none is not there, or not yet.
struct Inputs {
  Fd module;           // a sealed memfd
  std::string config;  // an encoded Config that fits into Start; or else
  Fd config_file;      // a sealed memfd of it
  // A module in a regular file is copied by copy_module(), while the workers make their jails.
  Fd module_file;
  uint64_t module_size = 0;  // of the copy at most
  Fd precompiled;            // one more; none unless the request names a file
  uint64_t precompiled_size = 0;
  std::vector<Grant> grants;
  Fd guest_channel;  // the path broker's end of its channel to the run worker, once there is one
  bool timed_out = false;  // a file came too slowly through a pipe; nothing else is to be used then
};

// Opens all that the request names, and reads pipes to their end or until the deadline passes.
Result<Inputs> open_inputs(const RunRequest& request, const Deadline& deadline);
// The sealed copy of an Inputs::module_file of `size` bytes at most.
Result<Fd> copy_module(const std::string& path, const Fd& file, uint64_t size);

// What the guest runs on: the JIT only for a run that asks for it.
inline protocol::Engine engine_of(const RunRequest& request) {
  return request.action == protocol::Action::Run ? request.engine : protocol::Engine::Interp;
}

// Whether the run worker gets the code of a file.
inline bool takes_precompiled(const RunRequest& request) {
  return !request.precompiled_path.empty() && (request.action == protocol::Action::Verify ||
                                               engine_of(request) == protocol::Engine::Jit);
}

}  // namespace cordon::supervisor
