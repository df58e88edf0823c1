// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <chrono>

namespace cordon::jail {

// How long a process that was killed may take to go. The kernel holds one that waits for a file
// system, even in closing its descriptors, until that answers.
inline constexpr std::chrono::milliseconds kTimeToGo{30};

// Waits at most `patience` for the child of `pidfd` to end, and reaps it. False if the kernel still
// holds it: it ends by itself some day, and stays a zombie of this process ([L1]).
bool reap(int pidfd, std::chrono::nanoseconds patience);

}  // namespace cordon::jail
