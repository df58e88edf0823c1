// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What each workload of this folder provides. main.c makes a program of it, bare.c a module without
// imports for engines that know no WASI. A workload repeats the same work `rounds` times, so its
// time grows linearly with rounds while its working set stays, and everything it computed flows
// into the checksum it returns.
#ifndef CORDON_BENCH_WORKLOADS_WORKLOAD_H_
#define CORDON_BENCH_WORKLOADS_WORKLOAD_H_

#include <stdint.h>

/// Does the work; the result depends on rounds alone, on every engine alike.
uint64_t run_workload(uint32_t rounds);

/// One step of splitmix64: the next pseudo-random number of *state.
static inline uint64_t next_random(uint64_t* state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// Folds a value into a checksum.
static inline uint64_t fold(uint64_t sum, uint64_t value) {
  return (sum ^ value) * 0x100000001b3u + (sum >> 47);
}

#endif  // CORDON_BENCH_WORKLOADS_WORKLOAD_H_
