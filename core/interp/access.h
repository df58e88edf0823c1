// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How handlers address memory 0. [M1] An address is the sum of two u32 in 64 bits, and each access
// is preceded by one comparison with the memory's size.
#pragma once

#include "core/interp/handler.h"
#include "core/wasm/semantics.h"

namespace cordon::interp {

namespace sem = wasm::sem;

// Whether `width` bytes at `address`, a sum of two u32, are accessible.
INLINE bool accessible(uint64_t address, uint64_t width, uint64_t mem_size) {
  return address + width <= mem_size;
}

// Whether alignment and offset, at `memarg`, take one byte each; the second byte is the offset.
INLINE bool is_short_memarg(const uint8_t* memarg) {
  return (read_raw<uint16_t>(memarg) & 0x8080) == 0;
}
INLINE bool is_short_access(wasm::Op op, const uint8_t* at) {
  return is(op, at) && is_short_memarg(at + 1);
}
// Otherwise: returns the address after alignment and offset of the access at pc, and the offset.
INLINE const uint8_t* read_memarg(const uint8_t* pc, uint64_t& offset) {
  const uint8_t* at = skip_leb(pc + 1);
  offset = read_u32(at);
  return at;
}

// Raises the trap for an access out of bounds, at pc.
#define RAISE_OUT_OF_BOUNDS()                       \
  do {                                              \
    FORGET(0);                                      \
    TAIL(raise<Trap::out_of_bounds_memory_access>); \
  } while (false)

// Does the access at pc with this offset; a load, `length` bytes long, continues with the next.
#define DO_LOAD(cached, T, M, offset, length)                                            \
  do {                                                                                   \
    const uint64_t address_ =                                                            \
        uint64_t{static_cast<uint32_t>(pop<(cached)>(sp, a, b, c))} + (offset);          \
    if (!accessible(address_, sizeof(M), ctx->mem_size)) RAISE_OUT_OF_BOUNDS();          \
    push<after_pop(cached)>(sp, a, b, c, sem::to_slot(sem::load<T, M>(mem + address_))); \
    NEXT(after((cached), 1, 1), length);                                                 \
  } while (false)
#define DO_STORE(cached, T, M, offset)                                                   \
  do {                                                                                   \
    const uint64_t value_ = pop<(cached)>(sp, a, b, c);                                  \
    const uint64_t address_ =                                                            \
        uint64_t{static_cast<uint32_t>(pop<after_pop(cached)>(sp, a, b, c))} + (offset); \
    if (!accessible(address_, sizeof(M), ctx->mem_size)) RAISE_OUT_OF_BOUNDS();          \
    sem::store<M>(mem + address_, sem::from_slot<T>(value_));                            \
  } while (false)

}  // namespace cordon::interp
