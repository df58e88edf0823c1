// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The moment at which a run ends in any case ([L1]). There is one for the whole run: opening the
// module counts.
#pragma once

#include <chrono>
#include <ctime>

namespace cordon::supervisor {

// A plain value; copies mean the same moment.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  // `limit` after `start`, on CLOCK_MONOTONIC.
  Deadline(Clock::time_point start, std::chrono::nanoseconds limit) : at_(start + limit) {}

  // Whether the moment has passed.
  bool passed() const { return Clock::now() >= at_; }

  // Zero after the moment.
  std::chrono::nanoseconds time_left() const {
    return std::max(at_ - Clock::now(), Clock::duration::zero());
  }
  // The same, for ppoll(2).
  timespec left() const {
    std::chrono::nanoseconds left = time_left();
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    return {static_cast<time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
  }

 private:
  Clock::time_point at_;
};

}  // namespace cordon::supervisor
