// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/baseline/loop_entries.h"

#include <algorithm>

#include "core/base/check.h"

namespace cordon::jit::baseline {

namespace {

// [L1] What entries of one function load together is in proportion to its size: a load or two, of
// some ten bytes each, for a byte of wasm. Prologue and jump count as so many values.
constexpr uint32_t kLeastValues = 256, kAround = 4;

}  // namespace

void LoopEntries::begin(uint32_t window, uint32_t code_bytes) {
  window_ = window;
  values_left_ = uint64_t{kLeastValues} + code_bytes;
  heads_.clear();
  in_slots_.clear();
  vectors_.clear();
  for (uint32_t i = 0; i < locals_.count(); ++i) {
    if (is_vector(locals_[i].type)) vectors_.push_back(i);
  }
}

void LoopEntries::note(uint32_t at, const masm::Join& head) {
  const uint64_t values = kAround + locals_.used().size() + operands_.size();
  if (values > values_left_) return;
  values_left_ -= values;
  const uint32_t local_slots = state_of(locals_.count());
  uint32_t slots = 0;  // of the operands so far, in the frame and in the state
  for (uint32_t i = 0; i < operands_.size(); ++i) {
    const Value& value = operands_[i];
    const uint32_t size = abi::slots_of(value.type);
    if (!value.is(Value::Kind::Const)) {
      CHECK(value.is(Value::Kind::Slot) && value.index == i);
      in_slots_.push_back({value.type, frame_.operand(slots, size), local_slots + slots});
    }
    slots += size;
  }
  heads_.push_back(
      {at, head, locals_.state(), static_cast<uint32_t>(in_slots_.size()), local_slots + slots});
}

// The first slot of the local in the runtime's state; of one too many, the number of them all.
uint32_t LoopEntries::state_of(uint32_t local) const {
  return local +
         static_cast<uint32_t>(std::ranges::lower_bound(vectors_, local) - vectors_.begin());
}

void LoopEntries::emit(emit::Label exhausted) {
  auto operand = in_slots_.begin();
  for (const Head& head : heads_) {
    masm_.at(head.at);
    masm_.bind_loop_entry(head.at, head.slots);
    masm_.prologue(frame_.size(), exhausted);
    const auto from = [&](uint32_t slot) { return frame_.incoming(window_ + slot); };
    for (const wasm::LocalUse& use : locals_.used()) {
      load_local(locals_[use.local], from(state_of(use.local)), head.pins);
    }
    for (; operand != in_slots_.begin() + head.operands_end; ++operand) {
      copy_slots(masm_, operand->type, from(operand->state), operand->place);
    }
    masm::Join join = head.join;
    masm_.jump(join);
  }
}

// To each place where the head expects the value. One that is dead there is nowhere.
void LoopEntries::load_local(const Local& l, uint32_t from, PinState pins) {
  const bool in_register = l.pinned() && (pins.regs >> l.pin & 1) != 0;
  const bool in_home = l.pinned() ? (pins.homes >> l.pin & 1) != 0 : true;
  if (in_home) copy_slots(masm_, l.type, from, l.home);
  if (!in_register) return;
  with_class(l.type, [&]<class R>() { masm_.load(size_of<R>(l.type), l.pin_reg<R>(), from); });
}

}  // namespace cordon::jit::baseline
