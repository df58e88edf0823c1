// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors of 128 bits for workloads: the compiler's own vector types, and by name what these lack,
// for WebAssembly (-msimd128) and x86-64 (-msse4.2).
#ifndef CORDON_BENCH_WORKLOADS_VECTOR_H_
#define CORDON_BENCH_WORKLOADS_VECTOR_H_

#include <stdint.h>
#include <string.h>

typedef float f32x4 __attribute__((vector_size(16)));
typedef int8_t i8x16 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef uint8_t u8x8 __attribute__((vector_size(8)));

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
/// Byte i of the result is byte index[i] of table, 0 where bit 7 of the index is set. Other indices
/// are below 16.
static inline u8x16 look_up(u8x16 table, u8x16 index) {
  return (u8x16)wasm_i8x16_swizzle((v128_t)table, (v128_t)index);
}
/// Products of neighbours, added in pairs.
static inline i32x4 dot_pairs(i16x8 a, i16x8 b) {
  return (i32x4)wasm_i32x4_dot_i16x8((v128_t)a, (v128_t)b);
}
static inline int is_zero(u8x16 a) { return !wasm_v128_any_true((v128_t)a); }
static inline u8x16 subtract_saturated(u8x16 a, u8x16 b) {
  return (u8x16)wasm_u8x16_sub_sat((v128_t)a, (v128_t)b);
}
#elif defined(__SSE4_2__)
#include <immintrin.h>
static inline u8x16 look_up(u8x16 table, u8x16 index) {
  return (u8x16)_mm_shuffle_epi8((__m128i)table, (__m128i)index);
}
static inline i32x4 dot_pairs(i16x8 a, i16x8 b) {
  return (i32x4)_mm_madd_epi16((__m128i)a, (__m128i)b);
}
static inline int is_zero(u8x16 a) { return _mm_testz_si128((__m128i)a, (__m128i)a); }
static inline u8x16 subtract_saturated(u8x16 a, u8x16 b) {
  return (u8x16)_mm_subs_epu8((__m128i)a, (__m128i)b);
}
#else
#error "needs -msimd128 or -msse4.2"
#endif

/// 16 bytes from anywhere.
static inline u8x16 load_bytes(const void* from) {
  u8x16 value;
  memcpy(&value, from, sizeof value);
  return value;
}
static inline void store_bytes(void* to, u8x16 value) { memcpy(to, &value, sizeof value); }

#endif  // CORDON_BENCH_WORKLOADS_VECTOR_H_
