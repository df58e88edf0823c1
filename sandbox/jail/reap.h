// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <chrono>

#include "core/base/os/fd.h"
#include "core/base/os/mapping.h"

namespace cordon::jail {

// How long a killed process may take to end. The kernel keeps one that waits for a file system,
// even while closing its descriptors, until that responds.
inline constexpr std::chrono::milliseconds kTimeToGo{30};

// Waits at most `patience` for the child of `pidfd` to end, and reaps it. False if the kernel still
// keeps it ([L1]): then both are stored, with the `memory` that a clone of this process may still
// use, and a later call reaps it, so that a process that makes many runs accumulates neither
// zombies nor memory ([K1]). Any thread may call it.
bool reap(Fd pidfd, std::chrono::nanoseconds patience, Mapping memory = {});

// Reaps stored processes that have ended meanwhile.
void reap_held();

}  // namespace cordon::jail
