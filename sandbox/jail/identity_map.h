// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The identity of a worker (user_namespaces(7)).
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "core/base/result.h"

namespace cordon::jail {

// The user and group that a worker runs as, inside and outside of its user namespace.
enum class Identity : uint8_t {
  // Nobody in its own user namespace; outside, an id of its own if the supervisor is root ([K1]),
  // else the user who started it.
  Nobody,
  // Outside, the user who started it. If that is root, all ids are mapped to themselves, so that it
  // has root's rights to files, but none of root's other rights.
  User,
};

// Writes the maps of process `pid`, which has just been made in a new user namespace.
Result<void> map_identity(pid_t pid, Identity identity);

// Makes it the first process that the kernel kills when memory runs out ([L1]).
Result<void> go_first_without_memory(pid_t pid);

}  // namespace cordon::jail
