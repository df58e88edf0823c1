// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// V128: a vector of 128 bits (spec §2.3.2), as its two slots. Each instruction chooses how to
// divide it into lanes: lanes_of() reads it as numbers, the first lane from the lowest bits (spec
// §4.3.5).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace cordon::wasm {

struct V128 {
  uint64_t low = 0, high = 0;
  bool operator==(const V128&) const = default;
};
static_assert(sizeof(V128) == 16 && std::endian::native == std::endian::little);

// T is a number of 1 to 8 bytes, Lanes an array of 16 bytes. NaNs keep their bits.
template <class T>
using LanesOf = std::array<T, sizeof(V128) / sizeof(T)>;
template <class T>
constexpr LanesOf<T> lanes_of(V128 vector) {
  return std::bit_cast<LanesOf<T>>(vector);
}
template <class Lanes>
constexpr V128 of_lanes(const Lanes& lanes) {
  return std::bit_cast<V128>(lanes);
}

}  // namespace cordon::wasm
