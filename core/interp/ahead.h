// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A look at the next eight bytes at once: whether they begin with given instructions, the
// immediates of which take one byte each. Behind a body there is room for it (runtime/func.h).
#pragma once

#include "core/interp/handler.h"

namespace cordon::interp {

static_assert(sizeof(uint64_t) <= runtime::Func::kReadAhead);

// The compiler must not know that these are bytes that handlers read one by one, too: it would take
// all of them out of here by shifts, at once, for want of registers.
INLINE uint64_t look_ahead(const uint8_t* pc) {
  asm("" : "+r"(pc));
  return read_raw<uint64_t>(pc);
}

// A sequence of at most eight bytes, some of which may have any value. Built at compile time.
class Pattern {
 public:
  // An instruction without immediates, with one, and a load or a store.
  constexpr Pattern op(wasm::Op op) const { return byte(0xff, static_cast<uint8_t>(op)); }
  constexpr Pattern with_index(wasm::Op op) const { return this->op(op).byte(0x80, 0); }
  constexpr Pattern access(wasm::Op op) const { return with_index(op).byte(0x80, 0); }

  // Whether `ahead`, which look_ahead() gave, begins with this sequence.
  INLINE bool at(uint64_t ahead) const { return (ahead & mask_) == bits_; }

 private:
  constexpr Pattern byte(uint64_t mask, uint64_t bits) const {
    Pattern longer = *this;
    longer.mask_ |= mask << (8 * size_);
    longer.bits_ |= bits << (8 * size_);
    ++longer.size_;
    return longer;
  }
  uint64_t mask_ = 0, bits_ = 0;
  unsigned size_ = 0;
};

}  // namespace cordon::interp
