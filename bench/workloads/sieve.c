// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The sieve of Eratosthenes on a bit set, then bit tricks over it: population count, leading and
// trailing zeros, Gray codes, a linear-feedback shift register.
#include <string.h>

#include "workload.h"

enum { kLimit = 1 << 19, kWords = kLimit / 64 };

static uint64_t composite[kWords];

static void sieve(void) {
  memset(composite, 0, sizeof(composite));
  composite[0] = 3;
  for (uint32_t i = 2; i * i < kLimit; i++) {
    if (composite[i / 64] >> (i % 64) & 1) continue;
    for (uint32_t j = i * i; j < kLimit; j += i) composite[j / 64] |= UINT64_C(1) << (j % 64);
  }
}

static uint64_t twiddle(uint64_t sum) {
  uint32_t shift_register = 0xace1;
  uint64_t primes = 0;
  for (uint32_t i = 0; i < kWords; i++) {
    uint64_t prime = ~composite[i];
    primes += (uint64_t)__builtin_popcountll(prime);
    for (; prime != 0; prime &= prime - 1) {
      uint32_t p = i * 64 + (uint32_t)__builtin_ctzll(prime);
      uint32_t gray = p ^ (p >> 1);
      uint32_t bit =
          shift_register ^ shift_register >> 2 ^ shift_register >> 3 ^ shift_register >> 5;
      shift_register = shift_register >> 1 | (bit & 1) << 15;
      sum = fold(sum, (gray ^ shift_register) + (uint32_t)__builtin_clz(p));
    }
  }
  return fold(sum, primes);
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    sieve();
    sum = twiddle(sum);
  }
  return sum;
}
