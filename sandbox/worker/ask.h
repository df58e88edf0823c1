// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a worker comes to a descriptor ([J4]): it makes a call that its filter holds, and the
// supervisor puts the descriptor into its table (protocol/descriptors.def).
#pragma once

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/protocol/descriptors.h"

namespace cordon::worker {

// Waits for the supervisor. One that has nothing of the kind ends this process; one that is gone is
// ENOSYS.
Result<Fd> ask_for(protocol::Descriptor what);

// The user's streams, at 0, 1 and 2, where /dev/null was. Behind the guest filter alone.
Result<void> ask_for_streams();

}  // namespace cordon::worker
