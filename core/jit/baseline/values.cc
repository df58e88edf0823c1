// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The operand stack of FuncCompiler: who has which temporary, and how a value gets where it is
// wanted. A temporary is owned by an entry of the stack, or locked by the operation under way, or
// free; free ones may still be remembered as the value of a local.
#include <algorithm>
#include <bit>

#include "core/base/check.h"
#include "core/jit/baseline/func_compiler_inl.h"
#include "core/jit/masm/heap_inl.h"

namespace cordon::jit {

using masm::freg;
using masm::MacroAssembler;
using masm::number;
using masm::reg;

// Entries

void FuncCompiler::push_test(masm::Test test) {
  flags_busy_ = true;
  push({.kind = Kind::Test, .type = ValType::i32, .bits = static_cast<uint64_t>(test)});
}

uint32_t FuncCompiler::slot(uint32_t index) {
  if (index >= slots_) slots_ = index + 1;
  return operands_at_ + 8 * index;
}

void FuncCompiler::spill(uint32_t index) {
  Value& value = stack_[index];
  if (is_float(value.type)) {
    masm_.store(fsize_of(value.type), slot(index), freg(value.reg));
    fowned_ &= ~bit(freg(value.reg));
  } else {
    masm_.store(size_of(value.type), slot(index), reg(value.reg));
    owned_ &= ~bit(reg(value.reg));
  }
  value.kind = Kind::Slot;
  value.reg = 0xFF;
  value.index = index;
}

// All entries below `count` give up their temporaries.
void FuncCompiler::spill_below(uint32_t count) {
  for (uint32_t owned = owned_; owned != 0; owned &= owned - 1) {
    const uint32_t index = owner_[static_cast<unsigned>(std::countr_zero(owned))];
    if (index < count) spill(index);
  }
  for (uint32_t owned = fowned_; owned != 0; owned &= owned - 1) {
    const uint32_t index = fowner_[static_cast<unsigned>(std::countr_zero(owned))];
    if (index < count) spill(index);
  }
}

void FuncCompiler::drop_to(uint32_t height) {
  while (stack_.size() > height) {
    Value& value = pop();
    release(value);
  }
  flags_busy_ = false;
}

// Temporaries

// All are taken: the entry that is the farthest from the top gives its own up, since it is needed
// last.
uint32_t FuncCompiler::free_one() {
  uint32_t deepest = kNone;
  for (uint32_t owned = owned_ & ~locked_; owned != 0; owned &= owned - 1) {
    deepest = std::min(deepest, owner_[static_cast<unsigned>(std::countr_zero(owned))]);
  }
  CHECK(deepest != kNone);
  const uint32_t free = uint32_t{1} << stack_[deepest].reg;
  spill(deepest);
  return free;
}

FuncCompiler::FReg FuncCompiler::falloc() {
  uint32_t free = ftemps_ & ~(fowned_ | flocked_);
  if (free == 0) {
    uint32_t deepest = kNone;
    for (uint32_t owned = fowned_ & ~flocked_; owned != 0; owned &= owned - 1) {
      deepest = std::min(deepest, fowner_[static_cast<unsigned>(std::countr_zero(owned))]);
    }
    CHECK(deepest != kNone);
    free = uint32_t{1} << stack_[deepest].reg;
    spill(deepest);
  }
  if ((free & ~fcached_) != 0) free &= ~fcached_;
  const FReg r = freg(static_cast<uint8_t>(std::countr_zero(free)));
  forget_cache(r);
  lock(r);
  return r;
}

// The entry that owns `r` moves elsewhere. Flags are kept.
void FuncCompiler::evict(Reg r) {
  forget_cache(r);
  if ((owned_ & bit(r)) == 0) return;
  const uint32_t index = owner_[number(r)];
  const uint32_t free = temps_ & ~(owned_ | locked_ | cached_ | bit(r));
  if (free == 0) return spill(index);
  const Reg to = reg(static_cast<uint8_t>(std::countr_zero(free)));
  masm_.mov(size_of(stack_[index].type), to, r);
  owned_ &= ~bit(r);
  own_by(to, index);
  stack_[index].reg = static_cast<uint8_t>(to);
}

void FuncCompiler::evict(FReg r) {
  forget_cache(r);
  if ((fowned_ & bit(r)) != 0) spill(fowner_[number(r)]);
}

// REQUIRES: `r` is a temporary and not locked.
FuncCompiler::Reg FuncCompiler::alloc_exactly(Reg r) {
  evict(r);
  lock(r);
  return r;
}

// Moves

void FuncCompiler::constant_to(Reg r, ValType type, uint64_t bits) {
  if (bits == 0 && !flags_busy_) return masm_.zero(r);
  masm_.mov(size_of(type), r, static_cast<int64_t>(bits));
}

// `value` stays as it is.
void FuncCompiler::to_reg(const Value& value, Reg dst) {
  const Size size = size_of(value.type);
  switch (value.kind) {
    case Kind::Const: return constant_to(dst, value.type, value.bits);
    case Kind::Reg: return masm_.mov(size, dst, reg(value.reg));
    case Kind::Slot: return masm_.load(size, dst, slot(value.index));
    case Kind::Local: {
      const Local& l = local(value.index);
      const Size own_size = size_of(l.type);
      if (value.held) return masm_.mov(own_size, dst, reg(value.reg));
      if (l.pin != kNoPin && (state_.regs & pin_bit(l)) != 0) {
        return masm_.mov(own_size, dst, pin_reg(l));
      }
      if (l.pin == kNoPin && l.cache != 0xFF) return masm_.mov(own_size, dst, reg(l.cache));
      return masm_.load(own_size, dst, l.home);
    }
    case Kind::Heap:
      masm_.at(static_cast<uint32_t>(value.bits));
      masm_.load(size == Size::S32 ? 4 : 8, false, size, dst, {reg(value.reg), value.index});
      return;
    case Kind::Test: flags_busy_ = false; return masm_.set(value.test(), dst);
    case Kind::Scaled:
      return masm_.shift(masm::Shift::Shl, size, dst, reg(value.reg), value.log2());
    case Kind::Landed: return masm_.mov(size, dst, pin_reg(local(value.index)));
  }
}

void FuncCompiler::to_freg(const Value& value, FReg dst) {
  const FSize size = fsize_of(value.type);
  switch (value.kind) {
    case Kind::Const: return masm_.mov(size, dst, value.bits);
    case Kind::Reg: return masm_.mov(size, dst, freg(value.reg));
    case Kind::Slot: return masm_.load(size, dst, slot(value.index));
    case Kind::Local: {
      const Local& l = local(value.index);
      if (value.held) return masm_.mov(size, dst, freg(value.reg));
      if (l.pin != kNoPin && (state_.regs & pin_bit(l)) != 0) {
        return masm_.mov(size, dst, pin_freg(l));
      }
      if (l.pin == kNoPin && l.cache != 0xFF) return masm_.mov(size, dst, freg(l.cache));
      return masm_.load(size, dst, l.home);
    }
    case Kind::Heap:
      masm_.at(static_cast<uint32_t>(value.bits));
      return masm_.load(size, dst, {reg(value.reg), value.index});
    default: return masm_.mov(size, dst, pin_freg(local(value.index)));
  }
}

// The rest of in_reg(): what is in no register yet.
FuncCompiler::Reg FuncCompiler::brought_in(Value& value) {
  if (value.held && (value.is(Kind::Reg) || value.is(Kind::Local))) return reg(value.reg);
  if (value.is(Kind::Local)) {
    const Local& l = local(value.index);
    if (l.pin != kNoPin) {
      if ((state_.regs & pin_bit(l)) == 0) load_pin(l.pin);
      return pin_reg(l);
    }
    if (l.cache != 0xFF) {
      lock(reg(l.cache));
    } else {
      const Reg r = alloc();
      masm_.load(size_of(l.type), r, l.home);
      remember(value.index, static_cast<uint8_t>(r));
    }
    value.reg = l.cache;
    value.held = true;
    return reg(value.reg);
  }
  if (value.is(Kind::Landed)) return pin_reg(local(value.index));
  return own(value);
}

FuncCompiler::FReg FuncCompiler::in_freg(Value& value) {
  if (value.held && (value.is(Kind::Reg) || value.is(Kind::Local))) return freg(value.reg);
  if (value.is(Kind::Local)) {
    const Local& l = local(value.index);
    if (l.pin != kNoPin) {
      if ((state_.regs & pin_bit(l)) == 0) load_pin(l.pin);
      return pin_freg(l);
    }
    if (l.cache != 0xFF) {
      lock(freg(l.cache));
    } else {
      const FReg r = falloc();
      masm_.load(fsize_of(l.type), r, l.home);
      remember(value.index, static_cast<uint8_t>(r));
    }
    value.reg = l.cache;
    value.held = true;
    return freg(value.reg);
  }
  if (value.is(Kind::Landed)) return pin_freg(local(value.index));
  const FReg r = falloc();
  to_freg(value, r);
  release(value);
  value.kind = Kind::Reg;
  value.reg = static_cast<uint8_t>(r);
  value.held = true;
  return r;
}

// In a temporary that may be changed.
FuncCompiler::Reg FuncCompiler::own(Value& value) {
  const bool in_place = value.held && !is_float(value.type) && !value.is(Kind::Local) &&
                        locks_[value.reg] == 1 && (owned_ & bit(reg(value.reg))) == 0;
  const Reg r = in_place ? reg(value.reg) : alloc();
  if (!value.is(Kind::Reg) || !in_place) to_reg(value, r);
  if (!in_place) release(value);
  forget_cache(r);
  value = {.kind = Kind::Reg, .type = value.type, .reg = static_cast<uint8_t>(r), .held = true};
  return r;
}

FuncCompiler::FReg FuncCompiler::fown(Value& value) {
  const bool in_place = value.held && value.is(Kind::Reg) && flocks_[value.reg] == 1;
  const FReg r = in_place ? freg(value.reg) : falloc();
  if (!in_place) {
    to_freg(value, r);
    release(value);
  }
  forget_cache(r);
  value = {.kind = Kind::Reg, .type = value.type, .reg = static_cast<uint8_t>(r), .held = true};
  return r;
}

// As the right operand of an operation of its type.
FuncCompiler::Operand FuncCompiler::operand(Value& value) {
  switch (value.kind) {
    case Kind::Const: {
      const auto constant = value.type == ValType::i32
                                ? static_cast<int32_t>(static_cast<uint32_t>(value.bits))
                                : static_cast<int64_t>(value.bits);
      if (MacroAssembler::takes(size_of(value.type), constant))
        return Operand::of_constant(constant);
      break;
    }
    case Kind::Local: {
      const Local& l = local(value.index);
      if (!value.held && l.pin == kNoPin && l.cache == 0xFF && l.type == value.type) {
        return Operand::in_frame(l.home);
      }
      break;
    }
    case Kind::Slot: return Operand::in_frame(slot(value.index));
    case Kind::Heap:
      masm_.at(static_cast<uint32_t>(value.bits));
      return Operand::in_heap({reg(value.reg), value.index});
    default: break;
  }
  return Operand::of(in_reg(value));
}

FuncCompiler::Operand FuncCompiler::foperand(Value& value) {
  if (value.is(Kind::Slot)) return Operand::in_frame(slot(value.index));
  if (value.is(Kind::Heap)) {
    masm_.at(static_cast<uint32_t>(value.bits));
    return Operand::in_heap({reg(value.reg), value.index});
  }
  if (value.is(Kind::Local) && !value.held) {
    const Local& l = local(value.index);
    if (l.pin == kNoPin && l.cache == 0xFF) return Operand::in_frame(l.home);
  }
  return Operand::of(in_freg(value));
}

void FuncCompiler::store_value(Value& value, uint32_t frame) {
  if (value.is(Kind::Const)) {
    const bool narrow = value.type == ValType::i32 || value.type == ValType::f32;
    const auto constant = narrow ? static_cast<int32_t>(static_cast<uint32_t>(value.bits))
                                 : static_cast<int64_t>(value.bits);
    if (constant == static_cast<int32_t>(constant)) {
      return masm_.store(narrow ? Size::S32 : Size::S64, frame, static_cast<int32_t>(constant));
    }
  }
  if (is_float(value.type)) {
    masm_.store(fsize_of(value.type), frame, in_freg(value));
  } else {
    masm_.store(size_of(value.type), frame, in_reg(value));
  }
}

// Results

FuncCompiler::FReg FuncCompiler::result_freg(ValType type, Value* reusable) {
  if (const Local* target = target_local(type)) return pin_freg(*target);
  if (reusable != nullptr && reusable->held && reusable->is(Kind::Reg) &&
      is_float(reusable->type) && flocks_[reusable->reg] == 1) {
    reusable->held = false;
    forget_cache(freg(reusable->reg));
    return freg(reusable->reg);
  }
  return falloc();
}

}  // namespace cordon::jit
