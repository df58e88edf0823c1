// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What vectors are used for, in portable C: a matrix product, a blur, dot products, a check of
// UTF-8, base64, a hash of four lanes. Built for WebAssembly with -msimd128 and for the machine at
// hand; both print the same.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));

enum { kSide = 64, kPixels = 96, kText = 4096 };

static uint32_t state = 1;
static uint32_t next(void) {
  state = state * 1664525u + 1013904223u;
  return state >> 8;
}

static uint64_t sum_of(const void* bytes, size_t size) {
  const uint8_t* at = bytes;
  uint64_t sum = 14695981039346656037u;
  for (size_t i = 0; i < size; ++i) sum = (sum ^ at[i]) * 1099511628211u;
  return sum;
}

static void matrix(void) {
  static float a[kSide][kSide], b[kSide][kSide], c[kSide][kSide];
  for (int i = 0; i < kSide; ++i) {
    for (int j = 0; j < kSide; ++j) {
      a[i][j] = (float)(next() % 1000) / 7.0f;
      b[i][j] = (float)(next() % 1000) / 3.0f - 150.0f;
    }
  }
  for (int i = 0; i < kSide; ++i) {
    for (int k = 0; k < kSide; ++k) {
      const f32x4 left = {a[i][k], a[i][k], a[i][k], a[i][k]};
      for (int j = 0; j < kSide; j += 4) {
        f32x4 right, sum;
        memcpy(&right, &b[k][j], sizeof right);
        memcpy(&sum, &c[i][j], sizeof sum);
        sum += left * right;
        memcpy(&c[i][j], &sum, sizeof sum);
      }
    }
  }
  for (int i = 0; i < kSide; ++i) {
    for (int j = 0; j < kSide; ++j) c[i][j] = sqrtf(fabsf(floorf(c[i][j])));
  }
  printf("matrix %016llx\n", (unsigned long long)sum_of(c, sizeof c));
}

static void blur(void) {
  static uint8_t image[kPixels][kPixels], out[kPixels][kPixels];
  for (int i = 0; i < kPixels; ++i) {
    for (int j = 0; j < kPixels; ++j) image[i][j] = (uint8_t)next();
  }
  for (int i = 1; i + 1 < kPixels; ++i) {
    for (int j = 1; j + 1 < kPixels; ++j) {
      uint16_t sum = 0;
      for (int k = -1; k <= 1; ++k) {
        sum += (uint16_t)(image[i + k][j - 1] + 2 * image[i + k][j] + image[i + k][j + 1]);
      }
      out[i][j] = (uint8_t)(sum / 12);
    }
  }
  for (int i = 0; i < kPixels; ++i) {
    for (int j = 0; j < kPixels; ++j) {
      const int brighter = out[i][j] + 60;
      out[i][j] = (uint8_t)(brighter > 255 ? 255 : brighter);
    }
  }
  printf("blur %016llx\n", (unsigned long long)sum_of(out, sizeof out));
}

static void dot(void) {
  static int16_t x[kText], y[kText];
  static int8_t small[kText];
  for (int i = 0; i < kText; ++i) {
    x[i] = (int16_t)next();
    y[i] = (int16_t)next();
    small[i] = (int8_t)next();
  }
  int32_t sum = 0, narrow = 0;
  double mean = 0;
  for (int i = 0; i < kText; ++i) sum = (int32_t)((uint32_t)sum + (uint32_t)(x[i] * y[i]));
  for (int i = 0; i < kText; ++i) narrow += small[i] * (small[i] < 0 ? -1 : 1);
  for (int i = 0; i < kText; i += 2) mean += (double)x[i] / (1.0 + y[i] * (double)y[i]);
  printf("dot %d %d %.17g\n", sum, narrow, mean);
}

static void utf8(void) {
  static uint8_t text[kText];
  for (int i = 0; i + 3 < kText; i += 3) {
    text[i] = (uint8_t)(0xe1 + next() % 12);
    text[i + 1] = (uint8_t)(0x80 + next() % 64);
    text[i + 2] = (uint8_t)(0x80 + next() % 64);
  }
  uint32_t begins = 0, tails = 0, ascii = 0;
  for (int i = 0; i < kText; ++i) {
    begins += (text[i] & 0xc0) == 0xc0;
    tails += (int8_t)text[i] < -64;
    ascii += text[i] < 0x80;
  }
  printf("utf8 %u %u %u\n", begins, tails, ascii);
}

static void base64(void) {
  static const char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  static uint8_t bytes[kText / 4 * 3];
  static char out[kText + 1];
  for (size_t i = 0; i < sizeof bytes; ++i) bytes[i] = (uint8_t)next();
  for (int i = 0; i < kText / 4; ++i) {
    const uint8_t* in = bytes + 3 * i;
    const uint32_t bits = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
    for (int j = 0; j < 4; ++j) out[4 * i + j] = kDigits[bits >> (18 - 6 * j) & 63];
  }
  printf("base64 %.32s %016llx\n", out, (unsigned long long)sum_of(out, kText));
}

static u32x4 rotate(u32x4 value, int count) { return value << count | value >> (32 - count); }

static void hash(void) {
  u32x4 a = {1, 2, 3, 4}, b = {5, 6, 7, 8}, c = {9, 10, 11, 12}, d = {13, 14, 15, 16};
  for (int i = 0; i < 1000; ++i) {
    a += b;
    d = rotate(d ^ a, 16);
    c += d;
    b = rotate(b ^ c, 12);
    a += b;
    d = rotate(d ^ a, 8);
    c += d;
    b = rotate(b ^ c, 7);
    b = __builtin_shufflevector(b, b, 1, 2, 3, 0);
    c = __builtin_shufflevector(c, c, 2, 3, 0, 1);
    d = __builtin_shufflevector(d, a, 3, 4, 1, 6);
  }
  u8x16 bytes = (u8x16)(a ^ b ^ c ^ d);
  bytes =
      __builtin_shufflevector(bytes, bytes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  printf("hash ");
  for (int i = 0; i < 16; ++i) printf("%02x", bytes[i]);
  printf("\n");
}

int main(void) {
  matrix();
  blur();
  dot();
  utf8();
  base64();
  hash();
  return 0;
}
