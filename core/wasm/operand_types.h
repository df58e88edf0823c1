// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// OperandTypes: the operand stack of validation (spec, appendix "Validation Algorithm"), a flat
// array of types that all functions of a thread share. The floor is where the innermost block's
// operands begin. After an unconditional branch the stack is polymorphic: it yields operands of any
// type below the floor, and kUnknown is the type of one of those.
//
// There is one entry a slot: a v128 takes two in a row, here and in the lists of types that are
// pushed and expected (slot_types.h). So heights are those of an engine's stack. kUnknown
// occurs only at the bottom of a block, where it may be one half of a v128 whose other half is
// missing.
//
// A push does not check the end of the array: one instruction pushes at most kMaxResults values,
// and the validator calls too_high() after each ([L1]).
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

#include "core/wasm/limits.h"
#include "core/wasm/signature.h"
#include "core/wasm/types.h"

namespace cordon::wasm {

// One per validating thread. Room for kMaxOperands and one instruction's results is allocated once.
class OperandTypes {
 public:
  static constexpr ValType kUnknown{};

  // Empty. The array is not initialised.
  OperandTypes()
      : types_(std::make_unique_for_overwrite<ValType[]>(kMaxOperands + 2 * kMaxResults)) {
    reset();
  }

  // Empties the stack for the next function; keeps the memory.
  void reset() {
    top_ = floor_ = highest_ = types_.get();
    polymorphic_ = false;
  }

  // Slots of operands in all blocks.
  uint32_t height() const { return static_cast<uint32_t>(top_ - types_.get()); }
  // Slots of the innermost block.
  uint32_t available() const { return static_cast<uint32_t>(top_ - floor_); }
  std::span<const ValType> of_block() const { return {floor_, available()}; }
  std::span<const ValType> of_all_blocks() const { return {types_.get(), height()}; }
  bool polymorphic() const { return polymorphic_; }

  // Begins a block above the present operands; returns its floor as a height.
  uint32_t open() {
    floor_ = top_;
    polymorphic_ = false;
    return height();
  }
  // Drops the innermost block's operands, and restores floor and state of the block around it.
  void close(uint32_t outer_floor, bool outer_polymorphic) {
    top_ = floor_;
    floor_ = types_.get() + outer_floor;
    polymorphic_ = outer_polymorphic;
  }
  // Drops the operands of the innermost block, for its second part or before unreachable code.
  void restart(bool polymorphic) {
    top_ = floor_;
    polymorphic_ = polymorphic;
  }

  // Pushes onto the innermost block, the last type on top. REQUIRES: !too_high() before the
  // instruction, and no more than kMaxResults values by one instruction.
  void push(ValType type) { *top_++ = type; }
  void push(std::span<const ValType> types) {
    if (types.size() > 1) {
      std::memcpy(top_, types.data(), types.size_bytes());
      top_ += types.size();
    } else if (!types.empty()) {
      *top_++ = types[0];
    }
  }

  // Whether operands of these types can be popped, the last type from the top.
  bool on_top(std::span<const ValType> expected) const {
    if (expected.empty()) return true;
    return (expected.size() <= kFew && few_on_top(expected)) || many_on_top(expected);
  }
  bool on_top(ValType expected) const {
    if (top_ != floor_ && top_[-1] == expected) [[likely]]
      return true;
    return on_top(std::span(&expected, 1));
  }
  // Whether the innermost block holds exactly operands of these types.
  bool exactly(std::span<const ValType> expected) const {
    return available() <= expected.size() && on_top(expected);
  }

  // Removes operands for which on_top() returned true.
  void drop(size_t count) { top_ -= std::min<size_t>(count, available()); }
  // The type on top, without removing it; kUnknown if it could be any. False if there is none.
  bool peek(ValType& type) const {
    if (top_ == floor_ && !polymorphic_) return false;
    type = top_ == floor_ ? kUnknown : top_[-1];
    return true;
  }

  // Pops and pushes as the signature says if the types on top are exactly its operands. Otherwise
  // changes nothing: a polymorphic stack may still match.
  template <SlotSignature kSignature>
  bool try_apply() {
    constexpr uint32_t kParams = kSignature.param_count;
    if (available() < kParams) return false;
    // Pushed one by one, as they are read later: a wider load would wait for the stores.
    unsigned wrong = 0;
    for (uint32_t i = 0; i < kParams; ++i) {
      const ValType actual = top_[static_cast<int>(i) - static_cast<int>(kParams)];
      wrong |= static_cast<unsigned>(actual) ^ static_cast<unsigned>(kSignature.params[i]);
    }
    if (wrong != 0) return false;
    top_ -= kParams;
    for (uint32_t i = 0; i < kSignature.result_count; ++i) *top_++ = kSignature.results[i];
    return true;
  }

  // Records the height, and returns whether it exceeds kMaxOperands.
  bool too_high() {
    if (top_ > highest_) highest_ = top_;
    return top_ - types_.get() > kMaxOperands;
  }
  // Records a height as if that many slots had been pushed.
  void make_room(uint32_t height) { highest_ = std::max(highest_, types_.get() + height); }
  uint32_t highest() const { return static_cast<uint32_t>(highest_ - types_.get()); }

 private:
  // Most functions and blocks have at most this many; for so few a simple loop is the fastest.
  static constexpr size_t kFew = 8;
  bool few_on_top(std::span<const ValType> expected) const;
  bool many_on_top(std::span<const ValType> expected) const;

  ValType* top_;      // after the last operand
  ValType* floor_;    // first operand of the innermost block
  ValType* highest_;  // of top_, in this function
  bool polymorphic_;
  std::unique_ptr<ValType[]> types_;
};

// Whether the types on top are exactly these.
inline bool OperandTypes::few_on_top(std::span<const ValType> expected) const {
  if (available() < expected.size()) return false;
  const ValType* actual = top_ - expected.size();
  size_t i = 0;
  while (i < expected.size() && actual[i] == expected[i]) ++i;
  return i == expected.size();
}

// The first loop has no branch, so that the compiler can vectorize it: a call of a function with a
// thousand parameters takes two bytes of code. Types that are not equal may still match.
inline bool OperandTypes::many_on_top(std::span<const ValType> expected) const {
  const size_t there = available();
  if (there < expected.size() && !polymorphic_) return false;
  const size_t count = std::min(there, expected.size());
  const ValType* actual = top_ - count;
  const ValType* wanted = expected.data() + (expected.size() - count);
  unsigned wrong = 0;
  for (size_t i = 0; i < count; ++i) {
    wrong |= static_cast<unsigned>(actual[i] != wanted[i]) &
             static_cast<unsigned>(actual[i] != kUnknown);
  }
  if (wrong == 0) return true;
  size_t i = 0;
  while (i < count && (actual[i] == kUnknown || matches(actual[i], wanted[i]))) ++i;
  return i == count;
}

}  // namespace cordon::wasm
