// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic on untrusted numbers: the result, or nothing if it does not fit.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

namespace cordon {

// The sum or product of `a` and `b`; nothing if T cannot hold it.
template <std::integral T>
constexpr std::optional<T> checked_add(T a, T b) {
  T sum;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

template <std::integral T>
constexpr std::optional<T> checked_mul(T a, T b) {
  T product;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// Whether [offset, offset + length) lies within [0, size): the one bounds check for ranges.
constexpr bool range_fits(uint64_t offset, uint64_t length, uint64_t size) {
  return length <= size && offset <= size - length;
}

}  // namespace cordon
