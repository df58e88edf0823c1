// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fibonacci, Ackermann and the eight queens, each by plain recursion: calls, returns and the stack
// check.
#include "workload.h"

static uint32_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static uint32_t ackermann(uint32_t m, uint32_t n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

static uint32_t queens(uint32_t size, uint32_t columns, uint32_t left, uint32_t right) {
  uint32_t all = (1u << size) - 1, count = 0;
  if (columns == all) return 1;
  for (uint32_t open = all & ~(columns | left | right); open != 0; open &= open - 1) {
    uint32_t bit = open & -open;
    count += queens(size, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    sum = fold(sum, fibonacci(23 + (round & 1)));
    sum = fold(sum, ackermann(2, 60 + (round & 7)));
    sum = fold(sum, queens(8, 0, 0, 0));
  }
  return sum;
}
