// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The product of two matrices of floats, four columns at a time: splats, multiplications and sums.
#include "vector.h"
#include "workload.h"

enum { kSize = 128 };

static float a[kSize][kSize], b[kSize][kSize], product[kSize][kSize];

static void fill(uint64_t* state) {
  for (int i = 0; i < kSize; i++) {
    for (int j = 0; j < kSize; j++) {
      a[i][j] = (float)(next_random(state) >> 44) / 1048576.0f - 0.5f;
      b[i][j] = (float)(next_random(state) >> 44) / 1048576.0f - 0.5f;
    }
  }
}

static f32x4 load(const float* from) {
  f32x4 value;
  memcpy(&value, from, sizeof value);
  return value;
}

static void multiply(void) {
  for (int i = 0; i < kSize; i++) {
    for (int j = 0; j < kSize; j += 8) {
      f32x4 low = {0}, high = {0};
      for (int k = 0; k < kSize; k++) {
        f32x4 factor = {a[i][k], a[i][k], a[i][k], a[i][k]};
        low += factor * load(&b[k][j]);
        high += factor * load(&b[k][j + 4]);
      }
      memcpy(&product[i][j], &low, sizeof low);
      memcpy(&product[i][j + 4], &high, sizeof high);
    }
  }
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t state = 1, sum = 0;
  fill(&state);
  for (uint32_t round = 0; round < rounds; round++) {
    multiply();
    uint32_t bits;
    memcpy(&bits, &product[round % kSize][round * 7 % kSize], sizeof bits);
    sum = fold(sum, bits);
    a[round % kSize][round * 3 % kSize] += 0.25f;
  }
  return sum;
}
