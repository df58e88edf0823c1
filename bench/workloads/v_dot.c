// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dot products as a small neural network makes them: of floats, and of bytes widened to 16 bits and
// added in pairs.
#include "vector.h"
#include "workload.h"

enum { kLength = 4096 };

static float floats[2][kLength];
static int8_t bytes[2][kLength];

static f32x4 load(const float* from) {
  f32x4 value;
  memcpy(&value, from, sizeof value);
  return value;
}
static i16x8 widen(const int8_t* from) {
  int8_t half[8];
  memcpy(half, from, sizeof half);
  typedef int8_t i8x8 __attribute__((vector_size(8)));
  i8x8 value;
  memcpy(&value, half, sizeof value);
  return __builtin_convertvector(value, i16x8);
}

static float dot_floats(void) {
  f32x4 sum[4] = {{0}, {0}, {0}, {0}};
  for (int i = 0; i < kLength; i += 16) {
    for (int part = 0; part < 4; part++) {
      sum[part] += load(&floats[0][i + 4 * part]) * load(&floats[1][i + 4 * part]);
    }
  }
  f32x4 all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  return (all[0] + all[1]) + (all[2] + all[3]);
}

static int32_t dot_bytes(void) {
  i32x4 sum = {0};
  for (int i = 0; i < kLength; i += 8) sum += dot_pairs(widen(&bytes[0][i]), widen(&bytes[1][i]));
  return sum[0] + sum[1] + sum[2] + sum[3];
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t state = 6, sum = 0;
  for (int which = 0; which < 2; which++) {
    for (int i = 0; i < kLength; i++) {
      floats[which][i] = (float)(next_random(&state) >> 44) / 1048576.0f - 0.5f;
      bytes[which][i] = (int8_t)next_random(&state);
    }
  }
  for (uint32_t round = 0; round < rounds; round++) {
    float product = dot_floats();
    uint32_t bits;
    memcpy(&bits, &product, sizeof bits);
    sum = fold(fold(sum, bits), (uint32_t)dot_bytes());
    floats[round % 2][round * 7 % kLength] += 0.125f;
    bytes[round % 2][round * 5 % kLength] ^= (int8_t)round;
  }
  return sum;
}
