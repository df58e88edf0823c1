// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Word: an instruction of AArch64 to which operands are added. Each addition checks that the
// operand fits ([E1]); the first error is kept, and a word with an error is never emitted.
#pragma once

#include <cstdint>

#include "core/asm/arm64/operands.h"
#include "core/asm/buffer.h"

namespace cordon::arm64 {

// A plain value for one instruction. After an error its bits are meaningless.
class Word {
 public:
  // `bits` is the instruction with all operands zero.
  constexpr explicit Word(uint32_t bits) : bits_(bits) {}

  uint32_t bits() const { return bits_; }
  // The error if the instruction cannot be encoded, or null.
  const DiagnosticKind* error() const { return error_; }

  // Sets the size; `unit` becomes the unit in which offsets of memory count.
  constexpr void width(Width w, unsigned at) {
    if (w > W64) return fail(emit::diag::no_such_form);
    bits_ |= static_cast<uint32_t>(w) << at;
    unit_log2_ = 2 + static_cast<unsigned>(w);
  }
  // A register at bits `low` to `low` + 4, where number 31 is zero, or the stack pointer.
  constexpr void with_zero(Gpr r, unsigned low) { put(r, low, r <= x30 || r == zr); }
  constexpr void with_sp(Gpr r, unsigned low) { put(r, low, r <= sp); }
  constexpr void without_31(Gpr r, unsigned low) { put(r, low, r <= x30); }

  // The immediate of add, sub and cmp: 12 bits, shifted by 12 or not.
  constexpr void arithmetic(int64_t imm) {
    const auto value = static_cast<uint64_t>(imm);
    if (value <= kMask12) {
      bits_ |= static_cast<uint32_t>(value) << 10;
    } else if ((value & kMask12) == 0 && value >> 12 <= kMask12) {
      bits_ |= uint32_t{1} << 22 | static_cast<uint32_t>(value >> 12) << 10;
    } else {
      fail(emit::diag::immediate_too_large);
    }
  }
  // The immediate of the wide moves: 16 bits, shifted left by a multiple of 16 within the width.
  constexpr void half(int64_t imm, unsigned shift) {
    const bool fits = static_cast<uint64_t>(imm) <= 0xFFFF;
    if (!fits || shift % 16 != 0 || shift >= 8u << unit_log2_) {
      return fail(emit::diag::immediate_too_large);
    }
    bits_ |= shift / 16 << 21 | static_cast<uint32_t>(imm) << 5;
  }
  constexpr void memory(Mem m) {
    with_sp(m.base, 5);
    const auto offset = static_cast<uint64_t>(m.offset);
    const bool whole = (offset & ((uint64_t{1} << unit_log2_) - 1)) == 0;
    if (!whole || offset >> unit_log2_ > kMask12) return fail(emit::diag::bad_memory_operand);
    bits_ |= static_cast<uint32_t>(offset >> unit_log2_) << 10;
  }
  constexpr void low_half(int64_t imm) {
    if (static_cast<uint64_t>(imm) > 0xFFFF) return fail(emit::diag::immediate_too_large);
    bits_ |= static_cast<uint32_t>(imm);
  }
  constexpr void condition(Cond cond) {
    if (cond > Cond::LessEqual) return fail(emit::diag::no_such_form);
    bits_ |= static_cast<uint32_t>(cond);
  }

 private:
  static constexpr uint64_t kMask12 = 0xFFF;

  constexpr void put(Gpr r, unsigned low, bool is_one) {
    if (!is_one) return fail(emit::diag::no_such_register);
    bits_ |= (static_cast<uint32_t>(r) & 31) << low;
  }
  constexpr void fail(const DiagnosticKind& kind) {
    if (error_ == nullptr) error_ = &kind;
  }

  uint32_t bits_;
  unsigned unit_log2_ = 3;
  const DiagnosticKind* error_ = nullptr;
};

}  // namespace cordon::arm64
