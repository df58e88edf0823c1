// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The slots of a table of entries (core/abi/code_blob.h), for x86-64.
#pragma once

#include <cstdint>
#include <cstring>

#include "core/base/bytes.h"

namespace cordon::verify::x64 {

// Whether `slot`, abi::kEntrySlot bytes at `at` in the code space, is a jump with a 32-bit distance
// to `target`, and int3 behind it.
inline bool jumps_to(ByteSpan slot, uint32_t at, uint32_t target) {
  constexpr uint8_t kJump = 0xE9, kInt3 = 0xCC;
  constexpr uint32_t kSize = 5;
  uint32_t distance = 0;
  std::memcpy(&distance, slot.data() + 1, sizeof distance);
  return slot[0] == kJump && at + kSize + distance == target && slot[5] == kInt3 &&
         slot[6] == kInt3 && slot[7] == kInt3;
}

}  // namespace cordon::verify::x64
