// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who a worker is (user_namespaces(7)): nobody in its own user namespace; outside, nobody too if
// the supervisor is root, else the user who started it.
#pragma once

#include <sys/types.h>

#include "core/base/result.h"

namespace cordon::jail {

// Writes the maps of process `pid`, which has just been made in a new user namespace.
Result<void> map_to_nobody(pid_t pid);

}  // namespace cordon::jail
