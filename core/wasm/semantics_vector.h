// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The meaning of the vector rows of opcodes.def, in families: sem::i8x16_add is the instruction
// i8x16.add, lane by lane in plain C++. The interpreter's handlers, constant folding and the tests'
// vectors use these functions. A LANE row's function takes the lane last; VECTOR_LOAD's takes the
// value in memory; LANE_LOAD's takes the vector, that value, and the lane; LANE_STORE's returns the
// value to store. Relaxed instructions follow the deterministic profile (spec of 3.0, appendix
// "Profiles"): the first choice of each definition. The end of the file checks the type of each
// against its row.
#pragma once

#include "core/wasm/semantics_vector_float.h"
#include "core/wasm/semantics_vector_integer.h"
#include "core/wasm/semantics_vector_lanes.h"
#include "core/wasm/signature.h"

namespace cordon::wasm::sem {

// Relaxed instructions that equal other instructions in the deterministic profile.
constexpr V128 i8x16_relaxed_swizzle(V128 a, V128 b) { return i8x16_swizzle(a, b); }
constexpr V128 i32x4_relaxed_trunc_f32x4_s(V128 a) { return i32x4_trunc_sat_f32x4_s(a); }
constexpr V128 i32x4_relaxed_trunc_f32x4_u(V128 a) { return i32x4_trunc_sat_f32x4_u(a); }
constexpr V128 i32x4_relaxed_trunc_f64x2_s_zero(V128 a) { return i32x4_trunc_sat_f64x2_s_zero(a); }
constexpr V128 i32x4_relaxed_trunc_f64x2_u_zero(V128 a) { return i32x4_trunc_sat_f64x2_u_zero(a); }
constexpr V128 i8x16_relaxed_laneselect(V128 a, V128 b, V128 c) { return v128_bitselect(a, b, c); }
constexpr V128 i16x8_relaxed_laneselect(V128 a, V128 b, V128 c) { return v128_bitselect(a, b, c); }
constexpr V128 i32x4_relaxed_laneselect(V128 a, V128 b, V128 c) { return v128_bitselect(a, b, c); }
constexpr V128 i64x2_relaxed_laneselect(V128 a, V128 b, V128 c) { return v128_bitselect(a, b, c); }
constexpr V128 f32x4_relaxed_min(V128 a, V128 b) { return f32x4_min(a, b); }
constexpr V128 f32x4_relaxed_max(V128 a, V128 b) { return f32x4_max(a, b); }
constexpr V128 f64x2_relaxed_min(V128 a, V128 b) { return f64x2_min(a, b); }
constexpr V128 f64x2_relaxed_max(V128 a, V128 b) { return f64x2_max(a, b); }
constexpr V128 i16x8_relaxed_q15mulr_s(V128 a, V128 b) { return i16x8_q15mulr_sat_s(a, b); }

// Two roundings; the second instruction negates the product.
constexpr V128 f32x4_relaxed_madd(V128 a, V128 b, V128 c) { return f32x4_add(f32x4_mul(a, b), c); }
constexpr V128 f32x4_relaxed_nmadd(V128 a, V128 b, V128 c) {
  return f32x4_relaxed_madd(f32x4_neg(a), b, c);
}
constexpr V128 f64x2_relaxed_madd(V128 a, V128 b, V128 c) { return f64x2_add(f64x2_mul(a, b), c); }
constexpr V128 f64x2_relaxed_nmadd(V128 a, V128 b, V128 c) {
  return f64x2_relaxed_madd(f64x2_neg(a), b, c);
}

// Both operands signed, and the sum of two products saturated (spec of 3.0 §4.4.3).
constexpr V128 i16x8_relaxed_dot_i8x16_i7x16_s(V128 a, V128 b) {
  return detail::pairwise<int8_t, int16_t>(
      a, b, [](int x, int y, int u, int v) { return detail::saturate<int16_t>(x * y + u * v); });
}
constexpr V128 i32x4_relaxed_dot_i8x16_i7x16_add_s(V128 a, V128 b, V128 c) {
  return i32x4_add(i32x4_extadd_pairwise_i16x8_s(i16x8_relaxed_dot_i8x16_i7x16_s(a, b)), c);
}

// A value's slots, and back: the row's operands and result in memory. `slot` moves on.
template <class T>
constexpr T take_slots(const uint64_t*& slot) {
  if constexpr (std::is_same_v<T, V128>) {
    slot += 2;
    return {slot[-2], slot[-1]};
  } else {
    return from_slot<T>(*slot++);
  }
}
template <class T>
constexpr void put_slots(uint64_t*& slot, T value) {
  if constexpr (std::is_same_v<T, V128>) {
    *slot++ = value.low;
    *slot++ = value.high;
  } else {
    *slot++ = to_slot(value);
  }
}

namespace detail {
// Whether `meaning` has the signature's operands, then Extra..., and the signature's result.
template <class... Extra, class R, class... Args>
constexpr bool matches_vector_row(R (*)(Args...), const Signature& signature) {
  constexpr auto type_of = []<class T>(T) {
    return std::is_same_v<T, V128>       ? ValType::v128
           : std::is_same_v<T, uint32_t> ? ValType::i32
           : std::is_same_v<T, uint64_t> ? ValType::i64
           : std::is_same_v<T, float>    ? ValType::f32
                                         : ValType::f64;
  };
  constexpr size_t kOperands = sizeof...(Args) - sizeof...(Extra);
  const ValType given[] = {type_of(Args{})...};
  return signature.param_count == kOperands && signature.result_count == 1 &&
         std::equal(given, given + kOperands, signature.params.begin()) &&
         signature.results[0] == type_of(R{});
}
template <class M>
constexpr bool is_load(V128 (*)(M)) {
  return true;
}
template <class M>
constexpr bool is_lane_load(V128 (*)(V128, M, uint32_t)) {
  return true;
}
template <class M>
constexpr bool is_lane_store(M (*)(V128, uint32_t)) {
  return true;
}
#define VECTOR(code, ident, text, sig, feature, kind, effect) \
  static_assert(matches_vector_row(&sem::ident, parse_signature(sig)));
#define LANE(code, ident, text, lanes, sig, feature, kind, effect) \
  static_assert(matches_vector_row<uint32_t>(&sem::ident, parse_signature(sig)));
#define VECTOR_LOAD(code, ident, text, memory, feature) static_assert(is_load<memory>(&sem::ident));
#define LANE_LOAD(code, ident, text, memory, feature) \
  static_assert(is_lane_load<memory>(&sem::ident));
#define LANE_STORE(code, ident, text, memory, feature) \
  static_assert(is_lane_store<memory>(&sem::ident));
#include "core/wasm/opcodes.def"
}  // namespace detail

}  // namespace cordon::wasm::sem
