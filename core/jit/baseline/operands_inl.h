// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The fast paths of Operands, which nearly every instruction takes, to be inlined.
#pragma once

#include <algorithm>

#include "core/jit/baseline/operands.h"

namespace cordon::jit::baseline {

CORDON_INLINE inline void Operands::push_local(uint32_t index) {
  Local& l = locals_[index];
  if (stack_.size() < kLazyHeight) [[likely]] {
    ++l.references;
    return push({.kind = Kind::Local, .type = l.type, .index = index});
  }
  Value value{.kind = Kind::Local, .type = l.type, .index = index};
  with_class(l.type, [&]<class R>() { push_reg(value.type, own<R>(value)); });
}

template <class R>
CORDON_INLINE inline void Operands::push_reg(NarrowType type, R r) {
  registers_.of<R>().give(r, stack_.size());
  registers_.of<R>().unlock(r);
  push({.kind = Kind::Reg, .type = type, .reg = static_cast<uint8_t>(r)});
}

CORDON_INLINE inline Value& Operands::pop() {
  Value& value = stack_.back();
  stack_.pop_back();
  flushed_ = std::min(flushed_, stack_.size());
  if (value.is(Kind::Local)) {
    --locals_[value.index].references;
  } else if (value.is(Kind::Reg)) {
    with_class(value.type, [&]<class R>() {
      registers_.of<R>().take(register_at<R>(value.reg));
      registers_.of<R>().lock(register_at<R>(value.reg));
    });
    value.held = true;
  }
  return value;
}

CORDON_INLINE inline void Operands::release(Value& value) {
  if (!value.held) return;
  value.held = false;
  if (value.has_reg_of<FReg>()) {
    unlock(register_at<FReg>(value.reg));
  } else {
    unlock(register_at<Reg>(value.reg));
  }
}

CORDON_INLINE inline masm::Test Operands::pop_test() {
  Value& value = pop();
  return value.is(Kind::Test) ? value.test() : test_for_zero(value);
}

template <class R>
CORDON_INLINE inline R Operands::alloc() {
  uint32_t free = registers_.of<R>().free();
  if (free == 0) [[unlikely]]
    free = free_one<R>();
  return registers_.of<R>().lock_one(free);
}

template <class R>
CORDON_INLINE inline R Operands::in(Value& value) {
  if (value.held) {
    if (value.is(Kind::Reg)) return register_at<R>(value.reg);
  } else if (value.is(Kind::Local)) {
    const Local& l = locals_[value.index];
    if (locals_.in_register(l)) return l.pin_reg<R>();
  }
  return bring_in<R>(value);
}

template <class R>
CORDON_INLINE inline R Operands::result(NarrowType type, Value* reusable, Value* other) {
  if (const Local* target = locals_.landing(type)) return target->pin_reg<R>();
  RegisterFile<R>& file = registers_.of<R>();
  for (Value* value : {reusable, other}) {
    if (value == nullptr || !value->held || !value->is(Kind::Reg)) continue;
    const R r = register_at<R>(value->reg);
    if (!file.is_exclusive(r)) continue;
    value->held = false;
    file.forget(r);
    return r;
  }
  return alloc<R>();
}

template <class R>
CORDON_INLINE inline void Operands::push_result(NarrowType type, R r) {
  if (registers_.of<R>().is_temporary(r)) return push_reg(type, r);
  const Local* target = locals_.landing(type);
  push({.kind = Kind::Landed, .type = type, .index = locals_.index_of(*target)});
}

}  // namespace cordon::jit::baseline
