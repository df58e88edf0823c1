// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who a worker is (user_namespaces(7)).
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "core/base/result.h"

namespace cordon::jail {

// Which user and group a worker runs as, inside and outside of its user namespace.
enum class Identity : uint8_t {
  // Nobody in its own user namespace; outside, someone of its own if the supervisor is root ([K1]),
  // else the user who started it.
  Nobody,
  // Outside, the user who started it. If that is root, all ids are what they are outside, so that
  // it has root's rights to files, but no other of root's rights.
  User,
};

// Writes the maps of process `pid`, which has just been made in a new user namespace.
Result<void> map_identity(pid_t pid, Identity identity);

// Makes it the first that the kernel ends when memory runs out ([L1]).
Result<void> go_first_without_memory(pid_t pid);

}  // namespace cordon::jail
