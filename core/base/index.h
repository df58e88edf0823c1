// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Typed indices: a function index is not a type index. Each index space of a module (spec §2.5.1)
// has its own type; the tag is never defined.
#pragma once

#include <compare>
#include <cstdint>

namespace cordon {

// The index `value` counts from 0, and from the first import where the space has imports. It is not
// known to be within the space: a use as a subscript needs a check.
template <class Tag>
struct Index {
  uint32_t value = 0;
  constexpr auto operator<=>(const Index&) const = default;
};

}  // namespace cordon
