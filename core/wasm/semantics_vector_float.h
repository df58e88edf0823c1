// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Meanings of the vector instructions on float lanes (spec §4.3.3, §4.4.3): each lane as by
// the scalar instruction of the same name; and conversions. semantics_vector.h includes this
// file.
#pragma once

#include "core/wasm/semantics_vector_lanes.h"
#include "core/wasm/vector_lanes.h"

namespace cordon::wasm::sem {

namespace detail {
// Pairs of lanes by a scalar instruction. If both are NaNs the result is the first, as on the
// processor. It is chosen explicitly, since a C++ compiler may exchange operands, or negate one.
template <class F, F (*kScalar)(F, F)>
[[gnu::noinline]] constexpr V128 floats_and_nans(V128 a, V128 b) {
  return each<F>(a, b, [](F x, F y) {
    if (is_nan(x)) return quiet(x);
    return is_nan(y) ? quiet(y) : kScalar(x, y);
  });
}
// The same, without a branch for each lane where no result is a NaN, so that a C++ compiler uses
// vectors. kScalar gives a NaN where an operand is one.
template <class F, F (*kScalar)(F, F)>
constexpr V128 floats(V128 a, V128 b) {
  const V128 numbers = each<F>(a, b, [](F x, F y) { return kScalar(x, y); });
  bool any_nan = false;
  for (const F lane : lanes_of<F>(numbers)) any_nan |= lane != lane;
  return any_nan ? floats_and_nans<F, kScalar>(a, b) : numbers;
}
}  // namespace detail

#define CORDON_SHAPE(shape, scalar, F)                                                           \
  constexpr V128 shape##_eq(V128 a, V128 b) {                                                    \
    return detail::compare<F>(a, b, [](F x, F y) { return x == y; });                            \
  }                                                                                              \
  constexpr V128 shape##_ne(V128 a, V128 b) {                                                    \
    return detail::compare<F>(a, b, [](F x, F y) { return x != y; });                            \
  }                                                                                              \
  constexpr V128 shape##_lt(V128 a, V128 b) {                                                    \
    return detail::compare<F>(a, b, [](F x, F y) { return x < y; });                             \
  }                                                                                              \
  constexpr V128 shape##_gt(V128 a, V128 b) { return shape##_lt(b, a); }                         \
  constexpr V128 shape##_le(V128 a, V128 b) {                                                    \
    return detail::compare<F>(a, b, [](F x, F y) { return x <= y; });                            \
  }                                                                                              \
  constexpr V128 shape##_ge(V128 a, V128 b) { return shape##_le(b, a); }                         \
  constexpr V128 shape##_abs(V128 a) { return detail::each<F>(a, scalar##_abs); }                \
  constexpr V128 shape##_neg(V128 a) { return detail::each<F>(a, scalar##_neg); }                \
  constexpr V128 shape##_ceil(V128 a) { return detail::each<F>(a, scalar##_ceil); }              \
  constexpr V128 shape##_floor(V128 a) { return detail::each<F>(a, scalar##_floor); }            \
  constexpr V128 shape##_trunc(V128 a) { return detail::each<F>(a, scalar##_trunc); }            \
  constexpr V128 shape##_nearest(V128 a) { return detail::each<F>(a, scalar##_nearest); }        \
  inline V128 shape##_sqrt(V128 a) { return detail::each<F>(a, scalar##_sqrt); }                 \
  constexpr V128 shape##_add(V128 a, V128 b) { return detail::floats<F, scalar##_add>(a, b); }   \
  constexpr V128 shape##_sub(V128 a, V128 b) { return detail::floats<F, scalar##_sub>(a, b); }   \
  constexpr V128 shape##_mul(V128 a, V128 b) { return detail::floats<F, scalar##_mul>(a, b); }   \
  constexpr V128 shape##_div(V128 a, V128 b) { return detail::floats<F, scalar##_div>(a, b); }   \
  constexpr V128 shape##_min(V128 a, V128 b) { return detail::floats<F, scalar##_min>(a, b); }   \
  constexpr V128 shape##_max(V128 a, V128 b) { return detail::floats<F, scalar##_max>(a, b); }   \
  /* Spec fpmin, fpmax: which of the two, as bits. */                                            \
  constexpr V128 shape##_pmin(V128 a, V128 b) { return v128_bitselect(b, a, shape##_lt(b, a)); } \
  constexpr V128 shape##_pmax(V128 a, V128 b) { return v128_bitselect(b, a, shape##_lt(a, b)); }
CORDON_SHAPE(f32x4, f32, float)
CORDON_SHAPE(f64x2, f64, double)
#undef CORDON_SHAPE

// Conversions (spec §4.3.4). Two lanes of 64 bits come from, or go to, the low two of four; the
// other lanes become zero.
constexpr V128 i32x4_trunc_sat_f32x4_s(V128 a) {
  return detail::convert<float, uint32_t>(a, false, i32_trunc_sat_f32_s);
}
constexpr V128 i32x4_trunc_sat_f32x4_u(V128 a) {
  return detail::convert<float, uint32_t>(a, false, i32_trunc_sat_f32_u);
}
constexpr V128 i32x4_trunc_sat_f64x2_s_zero(V128 a) {
  return detail::convert<double, uint32_t>(a, false, i32_trunc_sat_f64_s);
}
constexpr V128 i32x4_trunc_sat_f64x2_u_zero(V128 a) {
  return detail::convert<double, uint32_t>(a, false, i32_trunc_sat_f64_u);
}
constexpr V128 f32x4_convert_i32x4_s(V128 a) {
  return detail::convert<uint32_t, float>(a, false, f32_convert_i32_s);
}
constexpr V128 f32x4_convert_i32x4_u(V128 a) {
  return detail::convert<uint32_t, float>(a, false, f32_convert_i32_u);
}
constexpr V128 f64x2_convert_low_i32x4_s(V128 a) {
  return detail::convert<uint32_t, double>(a, false, f64_convert_i32_s);
}
constexpr V128 f64x2_convert_low_i32x4_u(V128 a) {
  return detail::convert<uint32_t, double>(a, false, f64_convert_i32_u);
}
constexpr V128 f32x4_demote_f64x2_zero(V128 a) {
  return detail::convert<double, float>(a, false, f32_demote_f64);
}
constexpr V128 f64x2_promote_low_f32x4(V128 a) {
  return detail::convert<float, double>(a, false, f64_promote_f32);
}

}  // namespace cordon::wasm::sem
