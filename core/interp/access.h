// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How handlers address memory 0. [M1] An address is the sum of two u32 in 64 bits, and one
// comparison against the memory's size stands before each access.
#pragma once

#include "core/interp/handler.h"

namespace cordon::interp {

// Whether `width` bytes at `address`, a sum of two u32, are accessible.
INLINE bool accessible(uint64_t address, uint64_t width, uint64_t mem_size) {
  return address + width <= mem_size;
}

// Whether alignment and offset, at `memarg`, take one byte each: the second then is the offset.
INLINE bool is_short_memarg(const uint8_t* memarg) {
  return (read_raw<uint16_t>(memarg) & 0x8080) == 0;
}
// Else: behind alignment and offset of the access at pc, and the offset.
INLINE const uint8_t* read_memarg(const uint8_t* pc, uint64_t& offset) {
  const uint8_t* at = skip_leb(pc + 1);
  offset = read_u32(at);
  return at;
}

}  // namespace cordon::interp
