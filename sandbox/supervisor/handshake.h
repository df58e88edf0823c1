// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The supervisor's half of building a jail: it asks the worker to enter, and hears how that went.
// No byte of the guest leaves the supervisor before the worker has said that its jail is complete
// ([J1]), so whatever speaks up to then is still the worker's own program.
#pragma once

#include "sandbox/jail/layers.h"
#include "sandbox/supervisor/inputs.h"
#include "sandbox/supervisor/session.h"

namespace cordon::supervisor {

struct Handshake {
  bool complete = false;
  jail::LayerSet withheld;  // by the kernel; never more than was allowed
  SessionEnd end;           // why the jail is not complete
};

enum class WorkerKind : uint8_t { Run, Compile };

// Asks a worker to enter its jail. `missing`: the layers that may be withheld.
Result<void> ask_to_enter(protocol::Channel& channel, WorkerKind kind, const Inputs& inputs,
                          jail::LayerSet missing, const RunRequest& request);
// Hears how that went. Fails only if the supervisor itself can not go on.
Result<Handshake> await_jail(protocol::Channel& channel, int pidfd, jail::LayerSet missing,
                             const Deadline& deadline);

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
