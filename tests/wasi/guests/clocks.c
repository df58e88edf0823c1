// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"

static double seconds(clockid_t clock) {
  struct timespec time;
  EXPECT(clock_gettime(clock, &time) == 0);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(void) {
  struct timespec resolution;
  EXPECT(clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_nsec > 0);
  EXPECT(seconds(CLOCK_REALTIME) > 1.6e9);
  EXPECT(seconds(CLOCK_PROCESS_CPUTIME_ID) < 60);

  double start = seconds(CLOCK_MONOTONIC);
  const struct timespec nap = {0, 30 * 1000 * 1000};
  EXPECT(nanosleep(&nap, NULL) == 0);
  EXPECT(usleep(10 * 1000) == 0);
  double slept = seconds(CLOCK_MONOTONIC) - start;
  EXPECT(slept >= 0.040 && slept < 5);

  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 1;
  start = seconds(CLOCK_REALTIME);
  EXPECT(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL) == 0);
  EXPECT(seconds(CLOCK_REALTIME) - start >= 0.99);
  EXPECT(sched_yield() == 0);
  return failures();
}
