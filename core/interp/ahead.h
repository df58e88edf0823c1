// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tests whether the next eight bytes begin with given instructions, the immediates of which take
// one byte each. The bytes after a body can be read (runtime/func.h).
#pragma once

#include <climits>

#include "core/interp/handler.h"

namespace cordon::interp {

static_assert(sizeof(uint64_t) <= runtime::Func::kReadAhead);

// Hides from the compiler that handlers read these bytes one by one, too: it would extract all of
// them from this value by shifts at once, for lack of registers.
INLINE uint64_t look_ahead(const uint8_t* pc) {
  asm("" : "+r"(pc));
  return read_raw<uint64_t>(pc);
}

// A sequence of at most eight bytes, some of which may have any value. Built at compile time.
class Pattern {
 public:
  // An instruction without immediates, an instruction with one, and a load or store.
  constexpr Pattern op(wasm::Op op) const { return byte(0xff, static_cast<uint8_t>(op)); }
  constexpr Pattern with_index(wasm::Op op) const { return this->op(op).byte(0x80, 0); }
  constexpr Pattern access(wasm::Op op) const { return with_index(op).byte(0x80, 0); }

  // Whether `ahead`, a result of look_ahead(), begins with this sequence.
  INLINE bool at(uint64_t ahead) const { return (ahead & mask_) == bits_; }

 private:
  constexpr Pattern byte(uint64_t mask, uint64_t bits) const {
    Pattern longer = *this;
    longer.mask_ |= mask << (CHAR_BIT * size_);
    longer.bits_ |= bits << (CHAR_BIT * size_);
    ++longer.size_;
    return longer;
  }
  uint64_t mask_ = 0, bits_ = 0;
  unsigned size_ = 0;
};

}  // namespace cordon::interp
