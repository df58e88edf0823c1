// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FrameLayout: the layout of the current function's frame. From the stack pointer up: the outgoing
// area (values that calls pass and return in memory), the homes of locals, first those that must be
// zero when the body begins, and the slots of operands. All places are distances from the stack
// pointer, in bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "core/abi/frame.h"
#include "core/abi/slot.h"
#include "core/wasm/types.h"

namespace cordon::jit::baseline {

class FrameLayout {
 public:
  // `counted`: the frame's size, if that must be the same in every engine [D1]; else 0.
  void begin(uint32_t outgoing_slots, uint32_t counted) {
    zeroes_begin_ = zeroes_end_ = operands_at_ = abi::slot_bytes(outgoing_slots);
    operand_slots_ = 0;
    counted_ = counted;
    relied_on_.reset();
    is_reliable_ = true;
  }
  // Homes are added in the order of their places, those that must be zero first.
  uint32_t add_zeroed_home(wasm::ValType type) {
    const uint32_t home = add_home(type);
    zeroes_end_ = operands_at_;
    return home;
  }
  uint32_t add_home(wasm::ValType type) {
    const uint32_t home = operands_at_;
    operands_at_ += abi::slot_bytes(abi::slots_of(type));
    return home;
  }

  // So many homes of a slot each; the place of the first comes back.
  uint32_t add_homes(uint32_t count) {
    const uint32_t first = operands_at_;
    operands_at_ += abi::slot_bytes(count);
    return first;
  }

  // `slots` slots for operands from number `first` on, which the frame has from now on.
  uint32_t operand(uint32_t first, uint32_t slots) {
    operand_slots_ = std::max(operand_slots_, first + slots);
    return operands_at_ + abi::slot_bytes(first);
  }

  // The size as far as it is known, on which code in the middle of the body depends; and, once the
  // body is complete, whether all such code has the final one.
  uint32_t rely_on_size() {
    is_reliable_ &= relied_on_.value_or(size()) == size();
    relied_on_ = size();
    return size();
  }
  bool is_reliable() const { return is_reliable_ && relied_on_.value_or(size()) == size(); }

  uint32_t zeroes_begin() const { return zeroes_begin_; }
  uint32_t zeroes_end() const { return zeroes_end_; }
  // Final once the body is complete.
  uint32_t size() const {
    const uint32_t needed = operands_at_ + abi::slot_bytes(operand_slots_);
    return counted_ != 0 ? counted_ : needed;
  }
  // A slot of the caller's outgoing area.
  uint32_t incoming(uint32_t slot) const {
    return size() + abi::kReturnAddress + abi::slot_bytes(slot);
  }

 private:
  uint32_t zeroes_begin_ = 0, zeroes_end_ = 0, operands_at_ = 0;
  uint32_t counted_ = 0;
  uint32_t operand_slots_ = 0;  // so far
  std::optional<uint32_t> relied_on_;
  bool is_reliable_ = true;
};

}  // namespace cordon::jit::baseline
