// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Position: the compiler's position in its function's body, to decide which values are dead and
// which instruction is next.
#pragma once

#include "core/wasm/validated_cursor.h"

namespace cordon::jit::baseline {

// Offsets count from the start of the module. The cursor outlives the body.
class Position {
 public:
  // The body begins at `offset` of the module. `cursor` is after the current instruction.
  void begin(uint32_t offset, const wasm::ValidatedCursor& cursor) {
    offset_ = offset;
    cursor_ = &cursor;
  }
  void move_to(uint32_t offset) { offset_ = offset; }

  // The offset of the current instruction in the module.
  uint32_t offset() const { return offset_; }
  // The instruction that follows; every body has one, at least `end`. Must not be called at `end`
  // itself.
  const uint8_t* next() const { return cursor_->position(); }
  uint8_t next_byte() const { return *next(); }
  // The number after prefix 0xfd, if a vector instruction follows; else kNoVector.
  static constexpr uint32_t kNoVector = ~uint32_t{0};
  uint32_t next_vector() const {
    const uint8_t* at = next();
    if (at[0] != 0xFD) return kNoVector;
    // Longer encodings of the same number are ignored.
    return at[1] < 0x80 ? at[1] : at[2] < 0x80 ? (at[1] & 0x7Fu) | uint32_t{at[2]} << 7 : kNoVector;
  }

 private:
  uint32_t offset_ = 0;
  const wasm::ValidatedCursor* cursor_ = nullptr;
};

}  // namespace cordon::jit::baseline
