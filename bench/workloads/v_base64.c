// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Base64, twelve bytes at a time (W. Muła and D. Lemire, "Faster Base64 Encoding and Decoding Using
// AVX2 Instructions", 2018): shuffles, multiplications of 16 bits as shifts, a look-up.
#include "vector.h"
#include "workload.h"

enum { kBytes = 12 * 4096 };

static uint8_t source[kBytes + 16], encoded[kBytes / 3 * 4 + 16];

// What is added to a number of 6 bits, by the kind of its character.
static const u8x16 kShift = {(uint8_t)('a' - 26),
                             (uint8_t)('0' - 52),
                             (uint8_t)('0' - 52),
                             (uint8_t)('0' - 52),
                             (uint8_t)('0' - 52),
                             (uint8_t)('0' - 52),
                             (uint8_t)('0' - 52),
                             (uint8_t)('0' - 52),
                             (uint8_t)('0' - 52),
                             (uint8_t)('0' - 52),
                             (uint8_t)('0' - 52),
                             (uint8_t)('+' - 62),
                             (uint8_t)('/' - 63),
                             'A',
                             0,
                             0};

static u8x16 sixes(u8x16 bytes) {
  u32x4 in = (u32x4)__builtin_shufflevector(bytes, bytes, 1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9,
                                            11, 10);
  u32x4 first = (in >> 10) & 0x3F, second = (in & 0x3F0) << 4;
  u32x4 third = (in >> 6 & 0x3F0000), fourth = (in & 0x3F0000) << 8;
  return (u8x16)(first | second | third | fourth);
}

static u8x16 characters(u8x16 numbers) {
  u8x16 kind = subtract_saturated(numbers, (u8x16){0} + 51);
  u8x16 is_capital = (u8x16)((i8x16)numbers < (i8x16){0} + 26);
  kind |= is_capital & 13;
  return numbers + look_up(kShift, kind);
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t state = 5, sum = 0;
  for (int i = 0; i < kBytes; i++) source[i] = (uint8_t)next_random(&state);
  for (uint32_t round = 0; round < rounds; round++) {
    for (int in = 0, out = 0; in < kBytes; in += 12, out += 16) {
      store_bytes(encoded + out, characters(sixes(load_bytes(source + in))));
    }
    uint64_t word;
    memcpy(&word, encoded + round * 8 % (kBytes / 3 * 4), sizeof word);
    sum = fold(sum, word);
    source[round * 17 % kBytes] ^= (uint8_t)round;
  }
  return sum;
}
