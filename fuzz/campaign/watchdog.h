// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Watchdog: ends a campaign with the seed that has taken half a minute of processor time, or
// ten minutes in all: Cordon hangs on it, since other engines and validators have shorter
// limits.
#pragma once

#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>

namespace cordon::fuzz {

class Watchdog {
 public:
  Watchdog() {
    std::signal(SIGALRM, &Watchdog::bark);
    std::signal(SIGPROF, &Watchdog::bark);
  }

  void begin(uint64_t seed) {
    seed_ = seed;
    ::alarm(kWaiting);
    set_timer(kWorking);
  }
  void end() {
    ::alarm(0);
    set_timer(0);
  }

 private:
  static constexpr unsigned kWorking = 30, kWaiting = 600;  // seconds

  static void set_timer(unsigned seconds) {
    const itimerval timer{{0, 0}, {static_cast<time_t>(seconds), 0}};
    ::setitimer(ITIMER_PROF, &timer, nullptr);
  }

  static void bark(int signal) {
    char text[64];
    const int size = std::snprintf(text, sizeof text, "seed %llu: no end in %u s\n",
                                   static_cast<unsigned long long>(seed_),
                                   signal == SIGPROF ? kWorking : kWaiting);
    (void)!::write(STDOUT_FILENO, text, static_cast<size_t>(size));
    ::_exit(1);
  }

  static inline volatile uint64_t seed_ = 0;
};

}  // namespace cordon::fuzz
