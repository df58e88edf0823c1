// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The files of a run, opened before a worker starts: module, precompiled code, configuration,
// granted directories. Failures name the file and the call. All of it may block as long as the file
// systems do: call it on a background thread (background.h).
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/supervisor/code_cache.h"
#include "sandbox/supervisor/deadline.h"
#include "sandbox/supervisor/run.h"

namespace cordon::supervisor {

// An open directory of the host (O_DIRECTORY, readable), and whether the guest may change it.
struct Grant {
  Fd directory;
  bool writable = false;
  std::optional<dev_t> local;  // its device, if closing files there never blocks (closes_at_once())
};

// Owns all that was opened. An invalid Fd is absent, or not opened yet.
struct Inputs {
  Fd module;           // a sealed memfd
  std::string config;  // an encoded Config that fits into Start; or else
  Fd config_file;      // a sealed memfd of it
  // A module in a regular file is copied by copy_module(), while the workers enter their jails.
  Fd module_file;
  uint64_t module_size = 0;  // of the copy at most
  Fd precompiled;            // one more; none unless the request names a file
  uint64_t precompiled_size = 0;
  std::optional<CodeCache> cache;  // if the run uses one
  std::vector<Grant> grants;
  Fd guest_channel;  // the path broker's end of its channel to the run worker, once there is one
  bool timed_out = false;  // a file came too slowly through a pipe; the rest is unusable then
};

// Opens all that the request names, and reads pipes to their end or until the deadline passes.
Result<Inputs> open_inputs(const RunRequest& request, const Deadline& deadline);
// The sealed copy of an Inputs::module_file of at most `size` bytes.
Result<Fd> copy_module(const std::string& path, const Fd& file, uint64_t size);

// The engine of the guest: the JIT only for a run that requests it.
inline protocol::Engine engine_of(const RunRequest& request) {
  return request.action == protocol::Action::Run ? request.engine : protocol::Engine::Interp;
}

// Whether the run looks for its code in a cache.
inline bool uses_cache(const RunRequest& request) {
  return request.cache && engine_of(request) == protocol::Engine::Jit &&
         request.precompiled_path.empty();
}

// Whether the run worker gets its code from a file.
inline bool takes_precompiled(const RunRequest& request) {
  return !request.precompiled_path.empty() && (request.action == protocol::Action::Verify ||
                                               engine_of(request) == protocol::Engine::Jit);
}

}  // namespace cordon::supervisor
