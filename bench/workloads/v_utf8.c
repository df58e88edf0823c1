// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whether text is UTF-8, sixteen bytes at a time by three tables (J. Keiser and D. Lemire,
// "Validating UTF-8 In Less Than One Instruction Per Byte", 2021): look-ups, shifts over the border
// of two vectors, saturated differences.
#include "vector.h"
#include "workload.h"

enum { kText = 1 << 16 };

static uint8_t text[kText + 16];

// Bits of what is wrong with a byte after another.
enum {
  kTooShort = 1 << 0,
  kTooLong = 1 << 1,
  kOverlong3 = 1 << 2,
  kTooLarge1000 = 1 << 6,
  kOverlong2 = 1 << 5,
  kSurrogate = 1 << 4,
  kTooLarge = 1 << 3,
  kOverlong4 = 1 << 6,
  kTwoConts = 1 << 7,
  kCarry = kTooShort | kTooLong | kTwoConts,
};

static const u8x16 kFirstHigh = {kTooLong,
                                 kTooLong,
                                 kTooLong,
                                 kTooLong,
                                 kTooLong,
                                 kTooLong,
                                 kTooLong,
                                 kTooLong,
                                 kTwoConts,
                                 kTwoConts,
                                 kTwoConts,
                                 kTwoConts,
                                 kTooShort | kOverlong2,
                                 kTooShort,
                                 kTooShort | kOverlong3 | kSurrogate,
                                 kTooShort | kTooLarge | kTooLarge1000 | kOverlong4};
static const u8x16 kFirstLow = {kCarry | kOverlong3 | kOverlong2 | kOverlong4,
                                kCarry | kOverlong2,
                                kCarry,
                                kCarry,
                                kCarry | kTooLarge,
                                kCarry | kTooLarge | kTooLarge1000,
                                kCarry | kTooLarge | kTooLarge1000,
                                kCarry | kTooLarge | kTooLarge1000,
                                kCarry | kTooLarge | kTooLarge1000,
                                kCarry | kTooLarge | kTooLarge1000,
                                kCarry | kTooLarge | kTooLarge1000,
                                kCarry | kTooLarge | kTooLarge1000,
                                kCarry | kTooLarge | kTooLarge1000,
                                kCarry | kTooLarge | kTooLarge1000 | kSurrogate,
                                kCarry | kTooLarge | kTooLarge1000,
                                kCarry | kTooLarge | kTooLarge1000};
static const u8x16 kSecondHigh = {
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooLong | kOverlong2 | kTwoConts | kOverlong3 | kTooLarge1000 | kOverlong4,
    kTooLong | kOverlong2 | kTwoConts | kOverlong3 | kTooLarge,
    kTooLong | kOverlong2 | kTwoConts | kSurrogate | kTooLarge,
    kTooLong | kOverlong2 | kTwoConts | kSurrogate | kTooLarge,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort};

// The sixteen bytes that end `by` before those of `now`.
#define BEFORE(by, then, now)                                                                     \
  __builtin_shufflevector(then, now, 16 - by, 17 - by, 18 - by, 19 - by, 20 - by, 21 - by,        \
                          22 - by, 23 - by, 24 - by, 25 - by, 26 - by, 27 - by, 28 - by, 29 - by, \
                          30 - by, 31 - by)

static int is_utf8(const uint8_t* bytes, int size) {
  u8x16 wrong = {0}, then = {0};
  for (int at = 0; at < size; at += 16) {
    u8x16 now = load_bytes(bytes + at);
    u8x16 one = BEFORE(1, then, now), two = BEFORE(2, then, now), three = BEFORE(3, then, now);
    u8x16 special = look_up(kFirstHigh, one >> 4) & look_up(kFirstLow, one & 15) &
                    look_up(kSecondHigh, now >> 4);
    u8x16 third = subtract_saturated(two, (u8x16){0} + 0xDF);
    u8x16 fourth = subtract_saturated(three, (u8x16){0} + 0xEF);
    u8x16 must_continue = (u8x16)((third | fourth) != 0) & 0x80;
    wrong |= must_continue ^ special;
    then = now;
  }
  return is_zero(wrong);
}

static int put(uint8_t* to, uint32_t c) {
  if (c < 0x80) return to[0] = (uint8_t)c, 1;
  if (c < 0x800) return to[0] = (uint8_t)(0xC0 | c >> 6), to[1] = (uint8_t)(0x80 | (c & 63)), 2;
  to[0] = (uint8_t)(0xE0 | c >> 12);
  to[1] = (uint8_t)(0x80 | (c >> 6 & 63));
  to[2] = (uint8_t)(0x80 | (c & 63));
  return 3;
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t state = 4, sum = 0;
  memset(text, ' ', sizeof text);
  for (int at = 0; at < kText - 8;) {
    uint64_t r = next_random(&state);
    uint32_t c = r % 4 < 2    ? r >> 8 & 0x7F
                 : r % 4 == 2 ? 0x80 + (r >> 8 & 0x3FF)
                              : 0x900 + (r >> 8 & 0x7FF);
    at += put(text + at, c);
  }
  for (uint32_t round = 0; round < rounds; round++) {
    uint8_t* changed = text + round * 31 % kText;
    uint8_t before = *changed;
    if (round % 4 == 3) *changed ^= 0x80;
    sum = fold(sum, (uint64_t)is_utf8(text, kText) + 1);
    *changed = before;
  }
  return sum;
}
