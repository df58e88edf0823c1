// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Typed indices: a function index is not a type index. Each index space of a module (spec §2.5.1)
// has its own type; the tag is never defined.
#pragma once

#include <compare>
#include <cstdint>

namespace cordon {

// The index `value` counts from 0, and from the first import in spaces that have imports. It may be
// out of range: its use as a subscript needs a check.
template <class Tag>
struct Index {
  uint32_t value = 0;
  constexpr auto operator<=>(const Index&) const = default;
};

}  // namespace cordon
