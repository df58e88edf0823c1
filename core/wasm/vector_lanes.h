// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Building blocks of the vector instructions' meanings: an operation on numbers, applied to each
// lane or to pairs of lanes (spec §4.3.5). For the semantics_vector*.h alone.
#pragma once

#include <algorithm>
#include <limits>
#include <type_traits>

#include "core/wasm/semantics.h"
#include "core/wasm/v128.h"

namespace cordon::wasm::sem::detail {

// do_it(lane) of each lane of one vector; of two and three vectors lane by lane.
template <class T, class F>
constexpr V128 each(V128 a, F do_it) {
  LanesOf<T> lanes = lanes_of<T>(a);
  for (T& lane : lanes) lane = static_cast<T>(do_it(lane));
  return of_lanes(lanes);
}
template <class T, class F>
constexpr V128 each(V128 a, V128 b, F do_it) {
  LanesOf<T> lanes = lanes_of<T>(a);
  const LanesOf<T> right = lanes_of<T>(b);
  for (size_t i = 0; i < lanes.size(); ++i) lanes[i] = static_cast<T>(do_it(lanes[i], right[i]));
  return of_lanes(lanes);
}
template <class T, class F>
constexpr V128 each(V128 a, V128 b, V128 c, F do_it) {
  LanesOf<T> lanes = lanes_of<T>(a);
  const LanesOf<T> second = lanes_of<T>(b), third = lanes_of<T>(c);
  for (size_t i = 0; i < lanes.size(); ++i) {
    lanes[i] = static_cast<T>(do_it(lanes[i], second[i], third[i]));
  }
  return of_lanes(lanes);
}

// An integer as wide as T, so that a comparison of T can be a lane: all ones or zero (spec §4.3.5).
template <class T>
using MaskOf =
    std::conditional_t<sizeof(T) == 1, uint8_t,
                       std::conditional_t<sizeof(T) == 2, uint16_t,
                                          std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>>;
template <class T, class F>
constexpr V128 compare(V128 a, V128 b, F holds) {
  const LanesOf<T> left = lanes_of<T>(a), right = lanes_of<T>(b);
  LanesOf<MaskOf<T>> mask{};
  for (size_t i = 0; i < mask.size(); ++i) {
    mask[i] = holds(left[i], right[i]) ? std::numeric_limits<MaskOf<T>>::max() : MaskOf<T>{0};
  }
  return of_lanes(mask);
}

// Lanes of From to as many lanes of To: to lanes as wide, to narrower ones followed by zero lanes,
// or, from the low or the high half, to lanes twice as wide.
template <class From, class To, class F>
constexpr V128 convert(V128 a, bool high, F do_it) {
  const LanesOf<From> from = lanes_of<From>(a);
  LanesOf<To> to{};
  const size_t count = std::min(from.size(), to.size());
  const size_t first = high ? from.size() - count : 0;
  for (size_t i = 0; i < count; ++i) to[i] = do_it(from[first + i]);
  return of_lanes(to);
}

// An integer of a wider type, clamped to the range of T.
template <class T, class Wide>
constexpr T saturate(Wide value) {
  constexpr Wide kLeast = std::numeric_limits<T>::min(), kMost = std::numeric_limits<T>::max();
  return static_cast<T>(std::clamp(value, kLeast, kMost));
}

}  // namespace cordon::wasm::sem::detail
