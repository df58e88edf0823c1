// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a worker gets a descriptor ([J4]): it makes a call that its filter holds, and the supervisor
// inserts the descriptor into its table (protocol/descriptors.def).
#pragma once

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/protocol/descriptors.h"

namespace cordon::worker {

// Waits for the supervisor. If that has no such descriptor it ends this process; if it is gone the
// result is ENOSYS.
Result<Fd> ask_for(protocol::Descriptor what);

// The user's streams, at 0, 1 and 2 instead of /dev/null. Only after the guest filter.
Result<void> ask_for_streams();

}  // namespace cordon::worker
