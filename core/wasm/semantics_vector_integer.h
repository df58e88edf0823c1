// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Meanings of the vector instructions on integer lanes (spec §4.3.2, §4.4.3), included by
// semantics_vector.h. Lanes are unsigned, as numbers are in semantics.h; arithmetic wraps.
#pragma once

#include "core/wasm/vector_lanes.h"

namespace cordon::wasm::sem {

namespace detail {

template <class T>
constexpr SignedOf<T> as_signed(T value) {
  return static_cast<SignedOf<T>>(value);
}

// All lanes as one i32: whether none is zero; and the sign bits, that of lane 0 the lowest.
template <class T>
constexpr uint32_t all_true(V128 a) {
  return std::ranges::count(lanes_of<T>(a), T{0}) == 0;
}
template <class T>
constexpr uint32_t bitmask(V128 a) {
  uint32_t mask = 0;
  uint32_t bit = 1;
  for (const T lane : lanes_of<T>(a)) {
    if (as_signed(lane) < 0) mask |= bit;
    bit <<= 1;
  }
  return mask;
}

// Lanes of From, which is signed, narrowed to To: those of `a` come first.
template <class From, class To>
constexpr V128 narrow(V128 a, V128 b) {
  const LanesOf<From> low = lanes_of<From>(a), high = lanes_of<From>(b);
  LanesOf<To> narrowed{};
  for (size_t i = 0; i < low.size(); ++i) {
    narrowed[i] = saturate<To, From>(low[i]);
    narrowed[low.size() + i] = saturate<To, From>(high[i]);
  }
  return of_lanes(narrowed);
}

// Half of the lanes, twice as wide; and the products of two halves. No product overflows To.
template <class From, class To>
constexpr V128 extend_half(V128 a, bool high) {
  return convert<From, To>(a, high, [](From lane) { return static_cast<To>(lane); });
}
template <class From, class To>
constexpr V128 extmul(V128 a, V128 b, bool high) {
  using Product = std::conditional_t<sizeof(To) < sizeof(int), int, To>;
  return each<To>(extend_half<From, To>(a, high), extend_half<From, To>(b, high),
                  [](Product x, Product y) { return x * y; });
}

// combine(lane 2i of a and of b, lane 2i + 1 of both) as lane i.
template <class From, class To, class F>
constexpr V128 pairwise(V128 a, V128 b, F combine) {
  const LanesOf<From> left = lanes_of<From>(a), right = lanes_of<From>(b);
  LanesOf<To> pairs{};
  for (size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] =
        static_cast<To>(combine(left[2 * i], right[2 * i], left[2 * i + 1], right[2 * i + 1]));
  }
  return of_lanes(pairs);
}
template <class From, class To>
constexpr V128 extadd_pairwise(V128 a) {
  return pairwise<From, To>(a, a, [](int x, int, int y, int) { return x + y; });
}

}  // namespace detail

// The instructions of all four shapes. A shift count is taken modulo the width of a lane.
#define CORDON_SHAPE(shape, T)                                                                     \
  constexpr V128 shape##_eq(V128 a, V128 b) {                                                      \
    return detail::compare<T>(a, b, [](T x, T y) { return x == y; });                              \
  }                                                                                                \
  constexpr V128 shape##_ne(V128 a, V128 b) {                                                      \
    return detail::compare<T>(a, b, [](T x, T y) { return x != y; });                              \
  }                                                                                                \
  constexpr V128 shape##_lt_s(V128 a, V128 b) {                                                    \
    return detail::compare<detail::SignedOf<T>>(a, b, [](auto x, auto y) { return x < y; });       \
  }                                                                                                \
  constexpr V128 shape##_gt_s(V128 a, V128 b) { return shape##_lt_s(b, a); }                       \
  constexpr V128 shape##_le_s(V128 a, V128 b) {                                                    \
    return detail::compare<detail::SignedOf<T>>(a, b, [](auto x, auto y) { return x <= y; });      \
  }                                                                                                \
  constexpr V128 shape##_ge_s(V128 a, V128 b) { return shape##_le_s(b, a); }                       \
  constexpr V128 shape##_abs(V128 a) {                                                             \
    return detail::each<T>(a, [](T x) { return detail::as_signed(x) < 0 ? T{0} - x : x + T{0}; }); \
  }                                                                                                \
  constexpr V128 shape##_neg(V128 a) {                                                             \
    return detail::each<T>(a, [](T x) { return T{0} - x; });                                       \
  }                                                                                                \
  constexpr V128 shape##_add(V128 a, V128 b) {                                                     \
    return detail::each<T>(a, b, [](T x, T y) { return x + y; });                                  \
  }                                                                                                \
  constexpr V128 shape##_sub(V128 a, V128 b) {                                                     \
    return detail::each<T>(a, b, [](T x, T y) { return x - y; });                                  \
  }                                                                                                \
  constexpr V128 shape##_shl(V128 a, uint32_t b) {                                                 \
    return detail::each<T>(a, [n = b % (8 * sizeof(T))](T x) { return x << n; });                  \
  }                                                                                                \
  constexpr V128 shape##_shr_s(V128 a, uint32_t b) {                                               \
    return detail::each<T>(a,                                                                      \
                           [n = b % (8 * sizeof(T))](T x) { return detail::as_signed(x) >> n; });  \
  }                                                                                                \
  constexpr V128 shape##_shr_u(V128 a, uint32_t b) {                                               \
    return detail::each<T>(a, [n = b % (8 * sizeof(T))](T x) { return x >> n; });                  \
  }                                                                                                \
  constexpr uint32_t shape##_all_true(V128 a) { return detail::all_true<T>(a); }                   \
  constexpr uint32_t shape##_bitmask(V128 a) { return detail::bitmask<T>(a); }
CORDON_SHAPE(i8x16, uint8_t)
CORDON_SHAPE(i16x8, uint16_t)
CORDON_SHAPE(i32x4, uint32_t)
CORDON_SHAPE(i64x2, uint64_t)
#undef CORDON_SHAPE

// The instructions of all shapes except i64x2.
#define CORDON_SHAPE(shape, T)                                                                    \
  constexpr V128 shape##_lt_u(V128 a, V128 b) {                                                   \
    return detail::compare<T>(a, b, [](T x, T y) { return x < y; });                              \
  }                                                                                               \
  constexpr V128 shape##_gt_u(V128 a, V128 b) { return shape##_lt_u(b, a); }                      \
  constexpr V128 shape##_le_u(V128 a, V128 b) {                                                   \
    return detail::compare<T>(a, b, [](T x, T y) { return x <= y; });                             \
  }                                                                                               \
  constexpr V128 shape##_ge_u(V128 a, V128 b) { return shape##_le_u(b, a); }                      \
  constexpr V128 shape##_min_s(V128 a, V128 b) {                                                  \
    return detail::each<detail::SignedOf<T>>(a, b, [](auto x, auto y) { return x < y ? x : y; }); \
  }                                                                                               \
  constexpr V128 shape##_min_u(V128 a, V128 b) {                                                  \
    return detail::each<T>(a, b, [](T x, T y) { return x < y ? x : y; });                         \
  }                                                                                               \
  constexpr V128 shape##_max_s(V128 a, V128 b) {                                                  \
    return detail::each<detail::SignedOf<T>>(a, b, [](auto x, auto y) { return x > y ? x : y; }); \
  }                                                                                               \
  constexpr V128 shape##_max_u(V128 a, V128 b) {                                                  \
    return detail::each<T>(a, b, [](T x, T y) { return x > y ? x : y; });                         \
  }
CORDON_SHAPE(i8x16, uint8_t)
CORDON_SHAPE(i16x8, uint16_t)
CORDON_SHAPE(i32x4, uint32_t)
#undef CORDON_SHAPE

// Lanes of at most 16 bits, so that an int holds the sum and the difference of any two.
#define CORDON_SHAPE(shape, T, S)                                                          \
  constexpr V128 shape##_add_sat_s(V128 a, V128 b) {                                       \
    return detail::each<S>(a, b, [](int x, int y) { return detail::saturate<S>(x + y); }); \
  }                                                                                        \
  constexpr V128 shape##_add_sat_u(V128 a, V128 b) {                                       \
    return detail::each<T>(a, b, [](int x, int y) { return detail::saturate<T>(x + y); }); \
  }                                                                                        \
  constexpr V128 shape##_sub_sat_s(V128 a, V128 b) {                                       \
    return detail::each<S>(a, b, [](int x, int y) { return detail::saturate<S>(x - y); }); \
  }                                                                                        \
  constexpr V128 shape##_sub_sat_u(V128 a, V128 b) {                                       \
    return detail::each<T>(a, b, [](int x, int y) { return detail::saturate<T>(x - y); }); \
  }                                                                                        \
  constexpr V128 shape##_avgr_u(V128 a, V128 b) {                                          \
    return detail::each<T>(a, b, [](int x, int y) { return (x + y + 1) / 2; });            \
  }
CORDON_SHAPE(i8x16, uint8_t, int8_t)
CORDON_SHAPE(i16x8, uint16_t, int16_t)
#undef CORDON_SHAPE

constexpr V128 i8x16_popcnt(V128 a) {
  return detail::each<uint8_t>(a, [](uint8_t x) { return std::popcount(x); });
}

// Products. The product of two unsigned 16-bit numbers overflows an int.
constexpr V128 i16x8_mul(V128 a, V128 b) {
  return detail::each<uint16_t>(a, b, [](uint32_t x, uint32_t y) { return x * y; });
}
constexpr V128 i32x4_mul(V128 a, V128 b) {
  return detail::each<uint32_t>(a, b, [](uint32_t x, uint32_t y) { return x * y; });
}
constexpr V128 i64x2_mul(V128 a, V128 b) {
  return detail::each<uint64_t>(a, b, [](uint64_t x, uint64_t y) { return x * y; });
}
// The product of fractions with 15 bits, rounded (spec §4.3.2, iq15mulrsat_s).
constexpr V128 i16x8_q15mulr_sat_s(V128 a, V128 b) {
  return detail::each<int16_t>(
      a, b, [](int x, int y) { return detail::saturate<int16_t>((x * y + 0x4000) >> 15); });
}
constexpr V128 i32x4_dot_i16x8_s(V128 a, V128 b) {
  return detail::pairwise<int16_t, uint32_t>(a, b, [](int x, int y, int u, int v) {
    return static_cast<uint32_t>(x * y) + static_cast<uint32_t>(u * v);
  });
}

// From one width to another (spec §4.4.3).
constexpr V128 i8x16_narrow_i16x8_s(V128 a, V128 b) {
  return detail::narrow<int16_t, int8_t>(a, b);
}
constexpr V128 i8x16_narrow_i16x8_u(V128 a, V128 b) {
  return detail::narrow<int16_t, uint8_t>(a, b);
}
constexpr V128 i16x8_narrow_i32x4_s(V128 a, V128 b) {
  return detail::narrow<int32_t, int16_t>(a, b);
}
constexpr V128 i16x8_narrow_i32x4_u(V128 a, V128 b) {
  return detail::narrow<int32_t, uint16_t>(a, b);
}
#define CORDON_WIDEN(shape, narrow, sign, From, To)                      \
  constexpr V128 shape##_extend_low_##narrow##_##sign(V128 a) {          \
    return detail::extend_half<From, To>(a, false);                      \
  }                                                                      \
  constexpr V128 shape##_extend_high_##narrow##_##sign(V128 a) {         \
    return detail::extend_half<From, To>(a, true);                       \
  }                                                                      \
  constexpr V128 shape##_extmul_low_##narrow##_##sign(V128 a, V128 b) {  \
    return detail::extmul<From, To>(a, b, false);                        \
  }                                                                      \
  constexpr V128 shape##_extmul_high_##narrow##_##sign(V128 a, V128 b) { \
    return detail::extmul<From, To>(a, b, true);                         \
  }
CORDON_WIDEN(i16x8, i8x16, s, int8_t, int16_t)
CORDON_WIDEN(i16x8, i8x16, u, uint8_t, uint16_t)
CORDON_WIDEN(i32x4, i16x8, s, int16_t, int32_t)
CORDON_WIDEN(i32x4, i16x8, u, uint16_t, uint32_t)
CORDON_WIDEN(i64x2, i32x4, s, int32_t, int64_t)
CORDON_WIDEN(i64x2, i32x4, u, uint32_t, uint64_t)
#undef CORDON_WIDEN
constexpr V128 i16x8_extadd_pairwise_i8x16_s(V128 a) {
  return detail::extadd_pairwise<int8_t, int16_t>(a);
}
constexpr V128 i16x8_extadd_pairwise_i8x16_u(V128 a) {
  return detail::extadd_pairwise<uint8_t, uint16_t>(a);
}
constexpr V128 i32x4_extadd_pairwise_i16x8_s(V128 a) {
  return detail::extadd_pairwise<int16_t, int32_t>(a);
}
constexpr V128 i32x4_extadd_pairwise_i16x8_u(V128 a) {
  return detail::extadd_pairwise<uint16_t, uint32_t>(a);
}

}  // namespace cordon::wasm::sem
