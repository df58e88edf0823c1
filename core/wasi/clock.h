// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The four clocks of WASI as Linux has them. For clock.cc and poll.cc.
#pragma once

#include <ctime>

#include "core/wasi/abi.h"

namespace cordon::wasi {

inline constexpr uint64_t kSecond = 1'000'000'000;

// inval if `clock` is not the number of a clock.
Errno host_clock(uint32_t clock, clockid_t& out);

// Nanoseconds on a clock of the host; overflow before 1970 and after 2554.
Errno read_clock(clockid_t clock, uint64_t& out);

}  // namespace cordon::wasi
