// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Meanings of the vector instructions that treat lanes as bits (spec §4.4.3): moves, loads and
// stores, and bitwise operations. semantics_vector.h includes this file.
#pragma once

#include "core/wasm/vector_lanes.h"

namespace cordon::wasm::sem {

namespace detail {

template <class T>
constexpr V128 splat(T value) {
  LanesOf<T> lanes{};
  lanes.fill(value);
  return of_lanes(lanes);
}
// REQUIRES of both: the vector has that lane; validation has checked it.
template <class T>
constexpr T extract(V128 a, uint32_t lane) {
  return lanes_of<T>(a)[lane];
}
template <class T>
constexpr V128 replace(V128 a, T value, uint32_t lane) {
  LanesOf<T> lanes = lanes_of<T>(a);
  lanes[lane] = value;
  return of_lanes(lanes);
}

// Lanes of From as read from memory, each widened to twice its width.
template <class From, class To>
constexpr V128 load_extended(uint64_t memory) {
  return convert<From, To>({memory, 0}, false, [](From lane) { return static_cast<To>(lane); });
}

}  // namespace detail

// Loads: from the value in memory to the vector (spec §4.4.7).
constexpr V128 v128_load(V128 memory) { return memory; }
constexpr V128 v128_load8x8_s(uint64_t memory) {
  return detail::load_extended<int8_t, int16_t>(memory);
}
constexpr V128 v128_load8x8_u(uint64_t memory) {
  return detail::load_extended<uint8_t, uint16_t>(memory);
}
constexpr V128 v128_load16x4_s(uint64_t memory) {
  return detail::load_extended<int16_t, int32_t>(memory);
}
constexpr V128 v128_load16x4_u(uint64_t memory) {
  return detail::load_extended<uint16_t, uint32_t>(memory);
}
constexpr V128 v128_load32x2_s(uint64_t memory) {
  return detail::load_extended<int32_t, int64_t>(memory);
}
constexpr V128 v128_load32x2_u(uint64_t memory) {
  return detail::load_extended<uint32_t, uint64_t>(memory);
}
constexpr V128 v128_load8_splat(uint8_t memory) { return detail::splat(memory); }
constexpr V128 v128_load16_splat(uint16_t memory) { return detail::splat(memory); }
constexpr V128 v128_load32_splat(uint32_t memory) { return detail::splat(memory); }
constexpr V128 v128_load64_splat(uint64_t memory) { return detail::splat(memory); }
constexpr V128 v128_load32_zero(uint32_t memory) { return {memory, 0}; }
constexpr V128 v128_load64_zero(uint64_t memory) { return {memory, 0}; }

// One lane from memory, or to it.
constexpr V128 v128_load8_lane(V128 a, uint8_t memory, uint32_t lane) {
  return detail::replace(a, memory, lane);
}
constexpr V128 v128_load16_lane(V128 a, uint16_t memory, uint32_t lane) {
  return detail::replace(a, memory, lane);
}
constexpr V128 v128_load32_lane(V128 a, uint32_t memory, uint32_t lane) {
  return detail::replace(a, memory, lane);
}
constexpr V128 v128_load64_lane(V128 a, uint64_t memory, uint32_t lane) {
  return detail::replace(a, memory, lane);
}
constexpr uint8_t v128_store8_lane(V128 a, uint32_t lane) {
  return detail::extract<uint8_t>(a, lane);
}
constexpr uint16_t v128_store16_lane(V128 a, uint32_t lane) {
  return detail::extract<uint16_t>(a, lane);
}
constexpr uint32_t v128_store32_lane(V128 a, uint32_t lane) {
  return detail::extract<uint32_t>(a, lane);
}
constexpr uint64_t v128_store64_lane(V128 a, uint32_t lane) {
  return detail::extract<uint64_t>(a, lane);
}

// Splats, lanes out and in (spec §4.4.3). A narrow integer is the low bits of an i32.
#define CORDON_LANES(shape, T, Operand)                                                \
  constexpr V128 shape##_splat(Operand a) { return detail::splat(static_cast<T>(a)); } \
  constexpr V128 shape##_replace_lane(V128 a, Operand b, uint32_t lane) {              \
    return detail::replace(a, static_cast<T>(b), lane);                                \
  }
CORDON_LANES(i8x16, uint8_t, uint32_t)
CORDON_LANES(i16x8, uint16_t, uint32_t)
CORDON_LANES(i32x4, uint32_t, uint32_t)
CORDON_LANES(i64x2, uint64_t, uint64_t)
CORDON_LANES(f32x4, float, float)
CORDON_LANES(f64x2, double, double)
#undef CORDON_LANES
constexpr uint32_t i8x16_extract_lane_s(V128 a, uint32_t lane) {
  return detail::extend<int8_t>(uint32_t{detail::extract<uint8_t>(a, lane)});
}
constexpr uint32_t i8x16_extract_lane_u(V128 a, uint32_t lane) {
  return detail::extract<uint8_t>(a, lane);
}
constexpr uint32_t i16x8_extract_lane_s(V128 a, uint32_t lane) {
  return detail::extend<int16_t>(uint32_t{detail::extract<uint16_t>(a, lane)});
}
constexpr uint32_t i16x8_extract_lane_u(V128 a, uint32_t lane) {
  return detail::extract<uint16_t>(a, lane);
}
constexpr uint32_t i32x4_extract_lane(V128 a, uint32_t lane) {
  return detail::extract<uint32_t>(a, lane);
}
constexpr uint64_t i64x2_extract_lane(V128 a, uint32_t lane) {
  return detail::extract<uint64_t>(a, lane);
}
constexpr float f32x4_extract_lane(V128 a, uint32_t lane) {
  return detail::extract<float>(a, lane);
}
constexpr double f64x2_extract_lane(V128 a, uint32_t lane) {
  return detail::extract<double>(a, lane);
}

// Spec §4.4.3. shuffle: lanes of a and b, chosen by immediates below 32. swizzle: lanes of a,
// chosen by those of b; zero for a number without a lane.
constexpr V128 i8x16_shuffle(V128 a, V128 b, const LanesOf<uint8_t>& lanes) {
  const LanesOf<uint8_t> low = lanes_of<uint8_t>(a), high = lanes_of<uint8_t>(b);
  LanesOf<uint8_t> chosen{};
  for (size_t i = 0; i < chosen.size(); ++i) {
    const uint8_t lane = lanes[i];
    chosen[i] = lane < low.size() ? low[lane] : high[lane % high.size()];
  }
  return of_lanes(chosen);
}
constexpr V128 i8x16_swizzle(V128 a, V128 b) {
  const LanesOf<uint8_t> from = lanes_of<uint8_t>(a);
  return detail::each<uint8_t>(
      b, [&](uint8_t lane) -> uint8_t { return lane < from.size() ? from[lane] : uint8_t{0}; });
}

// Bits (spec §4.4.3).
constexpr V128 v128_not(V128 a) { return {~a.low, ~a.high}; }
constexpr V128 v128_and(V128 a, V128 b) { return {a.low & b.low, a.high & b.high}; }
constexpr V128 v128_andnot(V128 a, V128 b) { return {a.low & ~b.low, a.high & ~b.high}; }
constexpr V128 v128_or(V128 a, V128 b) { return {a.low | b.low, a.high | b.high}; }
constexpr V128 v128_xor(V128 a, V128 b) { return {a.low ^ b.low, a.high ^ b.high}; }
// The bits of a where c has ones, the bits of b elsewhere.
constexpr V128 v128_bitselect(V128 a, V128 b, V128 c) {
  return v128_or(v128_and(a, c), v128_andnot(b, c));
}
constexpr uint32_t v128_any_true(V128 a) { return (a.low | a.high) != 0; }

}  // namespace cordon::wasm::sem
