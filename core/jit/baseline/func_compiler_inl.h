// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The short ways of FuncCompiler that nearly every instruction goes, to be inlined; included by its
// .cc files alone.
#pragma once

#include <algorithm>
#include <bit>

#include "core/jit/baseline/func_compiler.h"

namespace cordon::jit {

CORDON_INLINE inline void FuncCompiler::forget_cache(Reg r) {
  if ((cached_ & bit(r)) == 0) return;
  cached_ &= ~bit(r);
  local(cache_[masm::number(r)]).cache = 0xFF;
}

inline void FuncCompiler::forget_cache(FReg r) {
  if ((fcached_ & bit(r)) == 0) return;
  fcached_ &= ~bit(r);
  local(fcache_[masm::number(r)]).cache = 0xFF;
}

CORDON_INLINE inline FuncCompiler::Local* FuncCompiler::target_local(ValType type) {
  const uint8_t* at = cursor_->position();
  const bool sets = *at == static_cast<uint8_t>(wasm::Op::local_set) ||
                    *at == static_cast<uint8_t>(wasm::Op::local_tee);
  return sets ? settable_local(at, type) : nullptr;
}

CORDON_INLINE inline void FuncCompiler::push_reg(ValType type, Reg r) {
  own_by(r, static_cast<uint32_t>(stack_.size()));
  unlock(r);
  push({.kind = Kind::Reg, .type = type, .reg = static_cast<uint8_t>(r)});
}

inline void FuncCompiler::push_freg(ValType type, FReg r) {
  own_by(r, static_cast<uint32_t>(stack_.size()));
  unlock(r);
  push({.kind = Kind::Reg, .type = type, .reg = static_cast<uint8_t>(r)});
}

inline void FuncCompiler::push_const(ValType type, uint64_t bits) {
  push({.kind = Kind::Const, .type = type, .bits = bits});
}

// Returns the popped entry in place: the reference is valid until the next push. Its temporary
// stays locked until release(), or until the caller takes the register over by clearing `held`.
CORDON_INLINE inline Value& FuncCompiler::pop() {
  Value& value = stack_.back();
  stack_.pop_back();
  flushed_ = std::min(flushed_, static_cast<uint32_t>(stack_.size()));
  if (value.is(Kind::Local)) {
    --local(value.index).references;
  } else if (value.is(Kind::Reg) && is_float(value.type)) {
    fowned_ &= ~bit(masm::freg(value.reg));
    lock(masm::freg(value.reg));
    value.held = true;
  } else if (value.is(Kind::Reg)) {
    owned_ &= ~bit(masm::reg(value.reg));
    lock(masm::reg(value.reg));
    value.held = true;
  }
  return value;
}

CORDON_INLINE inline void FuncCompiler::release(Value& value) {
  if (!value.held) return;
  value.held = false;
  const bool floating = is_float(value.type) && !value.is(Kind::Heap);
  floating ? unlock(masm::freg(value.reg)) : unlock(masm::reg(value.reg));
}

CORDON_INLINE inline FuncCompiler::Reg FuncCompiler::alloc() {
  uint32_t free = temps_ & ~(owned_ | locked_);
  if (free == 0) [[unlikely]]
    free = free_one();
  if ((free & ~cached_) != 0) free &= ~cached_;
  const Reg r = masm::reg(static_cast<uint8_t>(std::countr_zero(free)));
  forget_cache(r);
  lock(r);
  return r;
}

// In some register, which is only to be read.
CORDON_INLINE inline FuncCompiler::Reg FuncCompiler::in_reg(Value& value) {
  if (value.held) {
    if (value.is(Kind::Reg)) return masm::reg(value.reg);
  } else if (value.is(Kind::Local)) {
    const Local& l = local(value.index);
    if (l.pin != kNoPin && (state_.regs >> l.pin & 1) != 0) return pin_reg(l);
  }
  return brought_in(value);
}

// Where a result goes: to the local that is set next, to the register of an operand that is used
// up, or elsewhere.
CORDON_INLINE inline FuncCompiler::Reg FuncCompiler::result_reg(ValType type, Value* reusable,
                                                                Value* other) {
  if (const Local* target = target_local(type)) return pin_reg(*target);
  for (Value* value : {reusable, other}) {
    if (value == nullptr || !value->held || !value->is(Kind::Reg)) continue;
    if (locks_[value->reg] != 1 || (owned_ & bit(masm::reg(value->reg))) != 0) continue;
    value->held = false;
    forget_cache(masm::reg(value->reg));
    return masm::reg(value->reg);
  }
  return alloc();
}

CORDON_INLINE inline void FuncCompiler::push_result(ValType type, Reg r) {
  if ((temps_ & bit(r)) != 0) return push_reg(type, r);
  const Local* target = target_local(type);
  push({.kind = Kind::Landed,
        .type = type,
        .index = static_cast<uint32_t>(target - locals_.data())});
}

inline void FuncCompiler::push_fresult(ValType type, FReg r) {
  if ((ftemps_ & bit(r)) != 0) return push_freg(type, r);
  const Local* target = target_local(type);
  push({.kind = Kind::Landed,
        .type = type,
        .index = static_cast<uint32_t>(target - locals_.data())});
}

// The rows that make half of all instructions.

CORDON_INLINE inline void FuncCompiler::local_get(const wasm::immediate::Local& operands) {
  const uint32_t index = operands.local.value;
  if (stack_.size() >= kLazyHeight) [[unlikely]]
    return push_loaded(index);
  Local& l = local(index);
  ++l.references;
  push({.kind = Kind::Local, .type = l.type, .index = index});
}

CORDON_INLINE inline void FuncCompiler::i32_const(const wasm::immediate::I32& operands) {
  push_const(ValType::i32, static_cast<uint32_t>(operands.value));
}

}  // namespace cordon::jit
