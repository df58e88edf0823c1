// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Watchdog: ends a campaign with the seed that it has worked on for half a minute, which Cordon has
// then hung on, since whoever else is asked has less time than that.
#pragma once

#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>

namespace cordon::fuzz {

class Watchdog {
 public:
  Watchdog() { std::signal(SIGALRM, &Watchdog::bark); }

  void begin(uint64_t seed) {
    seed_ = seed;
    ::alarm(kSeconds);
  }
  void end() { ::alarm(0); }

 private:
  static constexpr unsigned kSeconds = 30;

  static void bark(int) {
    char text[64];
    const int size = std::snprintf(text, sizeof text, "seed %llu: no end in %u s\n",
                                   static_cast<unsigned long long>(seed_), kSeconds);
    (void)!::write(STDOUT_FILENO, text, static_cast<size_t>(size));
    ::_exit(1);
  }

  static inline volatile uint64_t seed_ = 0;
};

}  // namespace cordon::fuzz
