// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Locals in a function's body. Loads and stores of pinned locals keep the flags, so they may come
// before a conditional branch, and are harmless if it is not taken.
#include "core/jit/baseline/locals.h"

#include <algorithm>
#include <bit>

namespace cordon::jit::baseline {

namespace {

constexpr uint32_t bit_of(uint32_t p) { return uint32_t{1} << p; }

// do_it(p) for each bit p that is set.
template <class F>
void for_each_bit(uint32_t bits, F do_it) {
  for (; bits != 0; bits &= bits - 1) do_it(static_cast<uint32_t>(std::countr_zero(bits)));
}

}  // namespace

// The index of the local follows the opcode at `at`.
const Local* Locals::settable(const uint8_t* at, NarrowType type) const {
  uint32_t index = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const uint8_t byte = *++at;
    index |= uint32_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) break;
  }
  const Local& l = table_[index];
  return l.pinned() && l.references == 0 && l.type.kind() == type.kind() ? &l : nullptr;
}

// Pinned locals

void Locals::load(uint32_t p) {
  const Pin& pin = pins_[p];
  const Local& l = table_[pin.local];
  if (pin.floats) {
    masm_.load(size_of<FReg>(l.type), l.pin_reg<FReg>(), l.home);
  } else {
    masm_.load(size_of<Reg>(l.type), l.pin_reg<Reg>(), l.home);
  }
  state_.regs |= bit_of(p);
}

void Locals::store(uint32_t p) {
  const Pin& pin = pins_[p];
  const Local& l = table_[pin.local];
  if (pin.floats) {
    masm_.store(size_of<FReg>(l.type), l.home, l.pin_reg<FReg>());
  } else {
    masm_.store(size_of<Reg>(l.type), l.home, l.pin_reg<Reg>());
  }
  state_.homes |= bit_of(p);
}

// The head of a loop expects pin p in its register, but nothing reads it any more, and it may have
// no home. Any value will do that satisfies the fact of an i32.
void Locals::fill_dead(uint32_t p) {
  const Pin& pin = pins_[p];
  const Local& l = table_[pin.local];
  if (position_.offset() <= pin.last_read) masm_.fail(masm::diag::fact_missing);
  if (!pin.floats) masm_.mov(size_of<Reg>(l.type), l.pin_reg<Reg>(), int64_t{0});
  state_.regs |= bit_of(p);
}

void Locals::was_set(const Local& l) {
  state_.regs |= bit_of(l.pin);
  state_.homes &= ~bit_of(l.pin);
  next_death_ = std::min(next_death_, pins_[l.pin].last_read);  // it may never be read
}

void Locals::save() {
  for_each_bit(state_.regs & ~state_.homes, [&](uint32_t p) {
    const Pin& pin = pins_[p];
    const bool dead = position_.offset() > pin.last_read && table_[pin.local].references == 0;
    if (!dead) store(p);
  });
}

void Locals::forget_dead() {
  const uint32_t now = position_.offset();
  if (now <= next_death_) return;
  next_death_ = Local::kNone;
  for (uint32_t p = 0; p < pins_.size(); ++p) {
    const uint32_t last = pins_[p].last_read;
    if (now <= last) {
      next_death_ = std::min(next_death_, last);
    } else if (table_[pins_[p].local].references == 0) {
      state_.regs &= ~bit_of(p);
      state_.homes &= ~bit_of(p);
    } else {
      next_death_ = std::min(next_death_, now);
    }
  }
}

// Joins

void Locals::enter(PinState state) {
  state_ = state;
  next_death_ = 0;  // a local that died meanwhile may be alive in this state
}

void Locals::establish(PinState there) {
  for_each_bit(there.regs & ~state_.regs,
               [&](uint32_t p) { (state_.homes & bit_of(p)) != 0 ? load(p) : fill_dead(p); });
  for_each_bit(there.homes & ~state_.homes, [&](uint32_t p) { store(p); });
}

PinState Locals::agree_with(PinState there) {
  for_each_bit(there.apart_from(state_),
               [&](uint32_t p) { (there.regs & bit_of(p)) != 0 ? load(p) : store(p); });
  return there.common_with(state_);
}

// A local that the loop touches is in its register in every round; any other stays where it is,
// unless a call in the loop needs its register.
PinState Locals::at_loop(const wasm::LoopUse& use) {
  forget_dead();
  PinState head;
  for_each_bit(state_.alive(), [&](uint32_t p) {
    const uint32_t mask = bit_of(p);
    const uint64_t local = uint64_t{1} << (pins_[p].local % 64);
    if (((use.read | use.written) & local) != 0) {
      if ((state_.regs & mask) == 0) load(p);
      head.regs |= mask;
      if ((use.written & local) == 0) head.homes |= state_.homes & mask;
    } else if (use.calls) {
      if ((state_.homes & mask) == 0) store(p);
      head.homes |= mask;
    } else {
      head.regs |= state_.regs & mask;
      head.homes |= state_.homes & mask;
    }
  });
  enter(head);
  return head;
}

uint32_t Locals::u32_of(uint32_t pins) const {
  uint32_t u32 = 0;
  for_each_bit(pins, [&](uint32_t p) {
    if (table_[pins_[p].local].type.is(ValType::i32)) u32 |= uint32_t{1} << pins_[p].reg;
  });
  return u32;
}

}  // namespace cordon::jit::baseline
