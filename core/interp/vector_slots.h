// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How handlers push a v128.
#pragma once

#include <cstdint>

#include "core/wasm/v128.h"

namespace cordon::interp {

// Two slots that are stored at once: a load of 16 bytes waits long for two stores of 8.
using SlotPair [[gnu::vector_size(16), gnu::aligned(8), gnu::may_alias]] = uint64_t;

[[gnu::always_inline]] inline void push_pair(uint64_t*& sp, uint64_t low, uint64_t high) {
  *reinterpret_cast<SlotPair*>(sp) = SlotPair{low, high};
  sp += 2;
}

}  // namespace cordon::interp
