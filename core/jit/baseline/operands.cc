// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/baseline/operands.h"

#include <bit>

#include "core/base/check.h"
#include "core/jit/baseline/operands_inl.h"
#include "core/jit/masm/heap_inl.h"

namespace cordon::jit::baseline {

using masm::MacroAssembler;
using masm::Operand;
using masm::Size;

// The stack

void Operands::begin() {
  stack_.clear();
  vectors_.clear();
  flushed_ = 0;
  flags_busy_ = false;
  registers_.begin();
}

void Operands::push_test(masm::Test test) {
  flags_busy_ = true;
  push({.kind = Kind::Test, .type = ValType::i32, .bits = static_cast<uint64_t>(test)});
}

void Operands::push_slots(std::span<const ValType> types) {
  for (const ValType type : types) {
    const uint32_t index = stack_.size();
    slot(index, type);
    push({.kind = Kind::Slot, .type = type, .index = index});
  }
}

masm::Test Operands::test_for_zero(Value& value) {
  masm_.test_zero(Size::S32, in<Reg>(value));
  release(value);
  flags_busy_ = true;
  return masm::Test::Ne;
}

void Operands::drop_to(uint32_t height) {
  for (; stack_.size() > height; stack_.pop_back()) {
    const Value& value = stack_.back();
    if (value.is(Kind::Local)) --locals_[value.index].references;
    if (!value.is(Kind::Reg)) continue;
    with_class(value.type, [&]<class R>() { registers_.of<R>().take(register_at<R>(value.reg)); });
  }
  flushed_ = std::min(flushed_, stack_.size());
  flags_busy_ = false;
}

// Temporaries

// All are taken: an entry of the stack gives up its temporary.
template <class R>
uint32_t Operands::free_one() {
  const uint32_t victim = registers_.of<R>().victim();
  CHECK(victim != RegisterFile<R>::kNobody);
  const uint32_t free = uint32_t{1} << stack_[victim].reg;
  spill(victim);
  return free;
}

// The entry that owns `r` moves elsewhere: an integer to an idle register, if there is one. Flags
// are kept.
template <class R>
void Operands::evict(R r) {
  RegisterFile<R>& file = registers_.of<R>();
  file.forget(r);
  if (!file.is_owned(r)) return;
  const uint32_t index = file.owner(r);
  const uint32_t idle = file.idle() & ~bit(r);
  if (ClassOf<R>::kFloats || idle == 0) return spill(index);
  const R to = register_at<R>(static_cast<unsigned>(std::countr_zero(idle)));
  masm_.mov(size_of<R>(stack_[index].type), to, r);
  file.take(r);
  file.give(to, index);
  stack_[index].reg = static_cast<uint8_t>(to);
}

template <class R>
R Operands::alloc_exactly(R r) {
  evict(r);
  registers_.of<R>().lock(r);
  return r;
}

// Values

template <class R>
void Operands::put_local(const Value& value, R dst) {
  const Local& l = locals_[value.index];
  const auto size = size_of<R>(l.type);
  if (value.held) return masm_.mov(size, dst, register_at<R>(value.reg));
  if (locals_.in_register(l)) return masm_.mov(size, dst, l.pin_reg<R>());
  if (l.cache != kNoRegister) return masm_.mov(size, dst, register_at<R>(l.cache));
  masm_.load(size, dst, l.home);
}

void Operands::put(const Value& value, Reg dst) {
  const Size size = size_of<Reg>(value.type);
  switch (value.kind) {
    case Kind::Const:
      if (value.bits == 0 && !flags_busy_) return masm_.zero(dst);
      return masm_.mov(size, dst, static_cast<int64_t>(value.bits));
    case Kind::Reg: return masm_.mov(size, dst, register_at<Reg>(value.reg));
    case Kind::Slot: return masm_.load(size, dst, slot(value.index));
    case Kind::Local: return put_local(value, dst);
    case Kind::Heap:
      masm_.at(static_cast<uint32_t>(value.bits));
      return masm_.load(size == Size::S32 ? 4 : 8, false, size, dst,
                        {register_at<Reg>(value.reg), value.index});
    case Kind::Test: flags_busy_ = false; return masm_.set(value.test(), dst);
    case Kind::Scaled:
      return masm_.shift(masm::Shift::Shl, size, dst, register_at<Reg>(value.reg), value.log2());
    case Kind::Landed: return masm_.mov(size, dst, locals_[value.index].pin_reg<Reg>());
  }
}

void Operands::put(const Value& value, FReg dst) {
  const masm::FSize size = size_of<FReg>(value.type);
  switch (value.kind) {
    case Kind::Const: return masm_.mov(size, dst, value.bits);
    case Kind::Reg: return masm_.mov(size, dst, register_at<FReg>(value.reg));
    case Kind::Slot: return masm_.load(size, dst, slot(value.index));
    case Kind::Local: return put_local(value, dst);
    case Kind::Heap:
      masm_.at(static_cast<uint32_t>(value.bits));
      return masm_.load(size, dst, {register_at<Reg>(value.reg), value.index});
    case Kind::Landed: return masm_.mov(size, dst, locals_[value.index].pin_reg<FReg>());
    case Kind::Test:
    case Kind::Scaled: CHECK(false);
  }
}

void Operands::move_to(Value& value, Reg dst) {
  if (value.held && value.reg == number(dst)) return put(value, dst);
  alloc_exactly(dst);
  put(value, dst);
  release(value);
}

// The slow part of in(): values that are not in a register.
template <class R>
R Operands::bring_in(Value& value) {
  if (value.is(Kind::Landed)) return locals_[value.index].pin_reg<R>();
  if (!value.is(Kind::Local)) return own<R>(value);
  if (value.held) return register_at<R>(value.reg);
  Local& l = locals_[value.index];
  if (l.pinned()) {
    locals_.bring(l);
    return l.pin_reg<R>();
  }
  if (l.cache != kNoRegister) {
    registers_.of<R>().lock(register_at<R>(l.cache));
  } else {
    const R r = alloc<R>();
    masm_.load(size_of<R>(l.type), r, l.home);
    registers_.of<R>().remember(r, l.cache);
  }
  value.reg = l.cache;
  value.held = true;
  return register_at<R>(value.reg);
}

template <class R>
R Operands::own(Value& value) {
  RegisterFile<R>& file = registers_.of<R>();
  const bool in_place = value.held && value.has_reg_of<R>() && !value.is(Kind::Local) &&
                        file.is_exclusive(register_at<R>(value.reg));
  const R r = in_place ? register_at<R>(value.reg) : alloc<R>();
  if (!value.is(Kind::Reg) || !in_place) put(value, r);
  if (!in_place) release(value);
  file.forget(r);
  value = held_in(value.type, r);
  return r;
}

template <class R>
Operand Operands::right(Value& value) {
  switch (value.kind) {
    case Kind::Const:
      if constexpr (!ClassOf<R>::kFloats) {
        const int64_t constant = as_immediate(value);
        if (MacroAssembler::takes(size_of<R>(value.type), constant)) {
          return Operand::of_constant(constant);
        }
      } else if (is_vector(value.type) && value.bits != 0) {
        return Operand::in_pool(static_cast<uint32_t>(value.bits >> 1));
      }
      break;
    case Kind::Local: {
      const Local& l = locals_[value.index];
      if (!value.held && !l.pinned() && l.cache == kNoRegister) return Operand::in_frame(l.home);
      break;
    }
    case Kind::Slot: return Operand::in_frame(slot(value.index));
    case Kind::Heap:
      masm_.at(static_cast<uint32_t>(value.bits));
      return Operand::in_heap({register_at<Reg>(value.reg), value.index});
    default: break;
  }
  return Operand::of(in<R>(value));
}

void Operands::store(Value& value, uint32_t place) {
  if (value.is(Kind::Const) && !is_vector(value.type)) {
    const int64_t constant = as_immediate(value);
    if (constant == static_cast<int32_t>(constant)) {
      return masm_.store(is_narrow(value.type) ? Size::S32 : Size::S64, place,
                         static_cast<int32_t>(constant));
    }
  }
  with_class(value.type,
             [&]<class R>() { masm_.store(size_of<R>(value.type), place, in<R>(value)); });
}

uint8_t Operands::register_of(const Value& value) const {
  if (value.is(Kind::Reg) || value.held) return value.reg;
  if (!value.is(Kind::Local)) return kNoRegister;
  const Local& l = locals_[value.index];
  if (!l.pinned()) return l.cache;
  return locals_.in_register(l) ? l.reg : kNoRegister;
}

// Locals

void Operands::materialize(uint32_t index) {
  Local& l = locals_[index];
  for (uint32_t i = stack_.size(); l.references != 0 && i-- > 0;) {
    if (!stack_[i].is(Kind::Local) || stack_[i].index != index) continue;
    with_class(l.type, [&]<class R>() {
      const R r = alloc<R>();
      put(stack_[i], r);
      stack_[i] = {.kind = Kind::Reg, .type = l.type, .reg = static_cast<uint8_t>(r)};
      registers_.of<R>().give(r, i);
      unlock(r);
    });
    --l.references;
  }
}

// Slots

// Entry and slot have the same number, except for vectors below, which take two slots.
uint32_t Operands::slot(uint32_t index, NarrowType type) {
  uint32_t below = static_cast<uint32_t>(vectors_.size());
  while (below != 0 && vectors_[below - 1] >= index) --below;
  return frame_.operand(index + below, abi::slots_of(type));
}

void Operands::spill(uint32_t index) {
  Value& value = stack_[index];
  with_class(value.type, [&]<class R>() {
    const R r = register_at<R>(value.reg);
    masm_.store(size_of<R>(value.type), slot(index), r);
    registers_.of<R>().take(r);
  });
  value.kind = Kind::Slot;
  value.reg = kNoRegister;
  value.index = index;
}

void Operands::flush(uint32_t height) {
  for (uint32_t i = std::min(flushed_, height); i < stack_.size(); ++i) {
    if (!stack_[i].is(Kind::Const) || i >= height) to_slot(i);
  }
  flushed_ = stack_.size();
}

void Operands::to_slot(uint32_t index) {
  Value value = stack_[index];
  if (value.is(Kind::Slot)) return;
  if (value.is(Kind::Reg)) return spill(index);
  store(value, slot(index));
  release(value);
  if (value.is(Kind::Local)) --locals_[value.index].references;
  stack_[index] = {.kind = Kind::Slot, .type = value.type, .index = index};
}

void copy_slots(masm::MacroAssembler& masm, NarrowType type, uint32_t from, uint32_t to) {
  if (is_vector(type)) {
    // At once: a load of both halves would wait for two separate stores.
    masm.load(masm::FSize::V128, masm::kFScratch, from);
    return masm.store(masm::FSize::V128, to, masm::kFScratch);
  }
  for (uint32_t i = 0; i < abi::slots_of(type); ++i) {
    masm.load(Size::S64, masm::kScratch, from + abi::slot_bytes(i));
    masm.store(Size::S64, to + abi::slot_bytes(i), masm::kScratch);
  }
}

#define INSTANTIATE(R)                       \
  template uint32_t Operands::free_one<R>(); \
  template R Operands::alloc_exactly<R>(R);  \
  template R Operands::bring_in<R>(Value&);  \
  template R Operands::own<R>(Value&);       \
  template masm::Operand Operands::right<R>(Value&);
INSTANTIATE(Reg)
INSTANTIATE(FReg)
#undef INSTANTIATE

}  // namespace cordon::jit::baseline
