// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times of files as WASI and the messages between processes have them: nanoseconds since 1970,
// unsigned.
#pragma once

#include <cstdint>
#include <ctime>
#include <limits>

namespace cordon {

// `time` in nanoseconds since 1970. A time before 1970 is 0 and one after 2554 the largest value:
// neither wraps around.
constexpr uint64_t file_time_ns(const timespec& time) {
  constexpr uint64_t kSecond = 1'000'000'000;
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  if (time.tv_sec < 0) return 0;
  const auto seconds = static_cast<uint64_t>(time.tv_sec);
  const auto rest = static_cast<uint64_t>(time.tv_nsec);
  if (seconds > (kMost - rest) / kSecond) return kMost;
  return seconds * kSecond + rest;
}

}  // namespace cordon
