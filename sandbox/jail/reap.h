// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <chrono>

#include "core/base/os/fd.h"
#include "core/base/os/mapping.h"

namespace cordon::jail {

// How long a process that was killed may take to go. The kernel holds one that waits for a file
// system, even in closing its descriptors, until that answers.
inline constexpr std::chrono::milliseconds kTimeToGo{30};

// Waits at most `patience` for the child of `pidfd` to end, and reaps it. False if the kernel still
// holds it ([L1]): then both are kept, with the `memory` that a clone of this process may still
// use, and a later call reaps it, so that a process that makes many runs collects neither zombies
// nor memory ([K1]). Any thread may call it.
bool reap(Fd pidfd, std::chrono::nanoseconds patience, Mapping memory = {});

// Reaps what was kept and has ended meanwhile.
void reap_held();

}  // namespace cordon::jail
