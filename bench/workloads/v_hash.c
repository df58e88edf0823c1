// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compression of BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn, 2020) on four blocks at
// once, a lane each: sums, exclusive ors and rotations of 32 bits.
#include "vector.h"
#include "workload.h"

static const uint32_t kStart[4] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A};
static const uint8_t kOrder[16] = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};

static u32x4 rotate(u32x4 value, int by) { return (value >> by) | (value << (32 - by)); }

static void mix(u32x4* s, int a, int b, int c, int d, u32x4 x, u32x4 y) {
  s[a] += s[b] + x;
  s[d] = rotate(s[d] ^ s[a], 16);
  s[c] += s[d];
  s[b] = rotate(s[b] ^ s[c], 12);
  s[a] += s[b] + y;
  s[d] = rotate(s[d] ^ s[a], 8);
  s[c] += s[d];
  s[b] = rotate(s[b] ^ s[c], 7);
}

static void compress(u32x4* chain, const u32x4* block) {
  u32x4 s[16], m[16];
  memcpy(m, block, sizeof m);
  for (int i = 0; i < 8; i++) s[i] = chain[i];
  for (int i = 0; i < 4; i++) s[8 + i] = s[12 + i] = (u32x4){0} + kStart[i];
  for (int round = 0; round < 7; round++) {
    mix(s, 0, 4, 8, 12, m[0], m[1]);
    mix(s, 1, 5, 9, 13, m[2], m[3]);
    mix(s, 2, 6, 10, 14, m[4], m[5]);
    mix(s, 3, 7, 11, 15, m[6], m[7]);
    mix(s, 0, 5, 10, 15, m[8], m[9]);
    mix(s, 1, 6, 11, 12, m[10], m[11]);
    mix(s, 2, 7, 8, 13, m[12], m[13]);
    mix(s, 3, 4, 9, 14, m[14], m[15]);
    u32x4 next[16];
    for (int i = 0; i < 16; i++) next[i] = m[kOrder[i]];
    memcpy(m, next, sizeof m);
  }
  for (int i = 0; i < 8; i++) chain[i] = s[i] ^ s[i + 8];
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t state = 3;
  u32x4 chain[8], block[16];
  for (int i = 0; i < 8; i++) chain[i] = (u32x4){0} + kStart[i % 4];
  for (int i = 0; i < 16; i++) {
    for (int lane = 0; lane < 4; lane++) block[i][lane] = (uint32_t)next_random(&state);
  }
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < 64; i++) {
      compress(chain, block);
      block[i % 16] += chain[i % 8];
    }
    sum = fold(sum, chain[round % 8][round % 4]);
  }
  return sum;
}
