// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Time for measuring: CLOCK_MONOTONIC, which is the same for all processes of a machine.
#pragma once

#include <chrono>
#include <cstdint>

namespace cordon {

// Nanoseconds since an arbitrary start, usually the boot. Only differences are meaningful.
inline uint64_t monotonic_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::nanoseconds(now).count());
}

}  // namespace cordon
