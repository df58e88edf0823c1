// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A filter over an image of bytes, three by three with weights 1 2 1: bytes widened to 16 bits,
// summed, shifted and narrowed.
#include "vector.h"
#include "workload.h"

enum { kWidth = 512, kHeight = 128 };

static uint8_t image[kHeight][kWidth + 32], filtered[kHeight][kWidth + 32];
static uint16_t column[kWidth + 32];

static u16x8 widen(const uint8_t* from) {
  u8x8 bytes;
  memcpy(&bytes, from, sizeof bytes);
  return __builtin_convertvector(bytes, u16x8);
}

static u16x8 load_words(const uint16_t* from) {
  u16x8 value;
  memcpy(&value, from, sizeof value);
  return value;
}

static void filter_row(int y) {
  for (int x = 0; x < kWidth + 16; x += 8) {
    u16x8 sum = widen(&image[y - 1][x]) + (widen(&image[y][x]) << 1) + widen(&image[y + 1][x]);
    memcpy(&column[x], &sum, sizeof sum);
  }
  for (int x = 1; x <= kWidth; x += 8) {
    u16x8 sum =
        load_words(&column[x - 1]) + (load_words(&column[x]) << 1) + load_words(&column[x + 1]);
    u8x8 bytes = __builtin_convertvector((sum + 8) >> 4, u8x8);
    memcpy(&filtered[y][x], &bytes, sizeof bytes);
  }
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t state = 2, sum = 0;
  for (int y = 0; y < kHeight; y++) {
    for (int x = 0; x < kWidth + 32; x++) image[y][x] = (uint8_t)next_random(&state);
  }
  for (uint32_t round = 0; round < rounds; round++) {
    for (int y = 1; y < kHeight - 1; y++) filter_row(y);
    sum = fold(sum, filtered[1 + round % (kHeight - 2)][1 + round * 13 % kWidth]);
    image[round % kHeight][round * 29 % kWidth] ^= (uint8_t)round;
  }
  return sum;
}
