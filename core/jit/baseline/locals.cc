// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Locals and globals: pinned registers and homes, and what temporaries remember of the locals that
// are not pinned.
#include <algorithm>
#include <bit>

#include "core/jit/baseline/func_compiler_inl.h"
#include "core/wasm/limits.h"

namespace cordon::jit {

using masm::freg;
using masm::reg;

// Pinned locals

void FuncCompiler::load_pin(uint32_t p) {
  const Pin& pin = pins_[p];
  const Local& l = local(pin.local);
  if (pin.floating) {
    masm_.load(fsize_of(l.type), freg(pin.reg), l.home);
  } else {
    masm_.load(size_of(l.type), reg(pin.reg), l.home);
  }
  state_.regs |= uint32_t{1} << p;
}

// The loop head expects pin p in its register, but nothing reads it any more, and it may have no
// home. Any value will do that satisfies the fact of an i32.
void FuncCompiler::fill_dead_pin(uint32_t p) {
  const Pin& pin = pins_[p];
  if (op_offset_ <= pin.last_read) masm_.fail(masm::diag::fact_missing);
  if (!pin.floating) masm_.mov(size_of(local(pin.local).type), reg(pin.reg), int64_t{0});
  state_.regs |= uint32_t{1} << p;
}

void FuncCompiler::store_pin(uint32_t p) {
  const Pin& pin = pins_[p];
  const Local& l = local(pin.local);
  if (pin.floating) {
    masm_.store(fsize_of(l.type), l.home, freg(pin.reg));
  } else {
    masm_.store(size_of(l.type), l.home, reg(pin.reg));
  }
  state_.homes |= uint32_t{1} << p;
}

// A pinned local that is never read again has no value. An entry of the stack that is this local
// still needs it.
void FuncCompiler::forget_dead_pins() {
  if (op_offset_ <= next_death_) return;
  next_death_ = kNone;
  for (uint32_t p = 0; p < pins_.size(); ++p) {
    const uint32_t last = pins_[p].last_read;
    if (op_offset_ <= last) {
      next_death_ = std::min(next_death_, last);
    } else if (local(pins_[p].local).references == 0) {
      state_.regs &= ~(uint32_t{1} << p);
      state_.homes &= ~(uint32_t{1} << p);
    } else {
      next_death_ = std::min(next_death_, op_offset_);
    }
  }
}

// The index stands behind the opcode at `at`.
FuncCompiler::Local* FuncCompiler::settable_local(const uint8_t* at, ValType type) {
  uint32_t index = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const uint8_t byte = *++at;
    index |= uint32_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) break;
  }
  Local& l = local(index);
  return l.pin != kNoPin && l.references == 0 && l.type == type ? &l : nullptr;
}

// What temporaries remember

void FuncCompiler::remember(uint32_t index, uint8_t r) {
  Local& l = local(index);
  if (is_float(l.type)) {
    forget_cache(freg(r));
    fcache_[r] = index;
    fcached_ |= uint32_t{1} << r;
  } else {
    forget_cache(reg(r));
    cache_[r] = index;
    cached_ |= uint32_t{1} << r;
  }
  l.cache = r;
}

void FuncCompiler::forget_caches() {
  for (; cached_ != 0; cached_ &= cached_ - 1) {
    local(cache_[static_cast<unsigned>(std::countr_zero(cached_))]).cache = 0xFF;
  }
  for (; fcached_ != 0; fcached_ &= fcached_ - 1) {
    local(fcache_[static_cast<unsigned>(std::countr_zero(fcached_))]).cache = 0xFF;
  }
}

// Entries of the stack that are this local get its value, since it is about to change.
void FuncCompiler::materialize(uint32_t index) {
  for (auto i = stack_.size(); local(index).references != 0 && i-- > 0;) {
    if (!stack_[i].is(Kind::Local) || stack_[i].index != index) continue;
    Value value = stack_[i];
    // Not of this type if an i32 was extended in place.
    const bool floating = is_float(value.type);
    const uint8_t r = floating ? static_cast<uint8_t>(falloc()) : static_cast<uint8_t>(alloc());
    floating ? to_freg(value, freg(r)) : to_reg(value, reg(r));
    stack_[i] = {.kind = Kind::Reg, .type = value.type, .reg = r};
    if (floating) {
      own_by(freg(r), i);
      unlock(freg(r));
    } else {
      own_by(reg(r), i);
      unlock(reg(r));
    }
    --local(index).references;
  }
}

// Rows

void FuncCompiler::push_loaded(uint32_t index) {
  const ValType type = local(index).type;
  Value value{.kind = Kind::Local, .type = type, .index = index};
  is_float(type) ? push_freg(type, fown(value)) : push_reg(type, own(value));
}

void FuncCompiler::set_local(uint32_t index, bool keep) {
  Local& l = local(index);
  Value& value = pop();
  const bool same = value.is(Kind::Local) && value.index == index;
  if (!same) {
    if (l.references != 0) materialize(index);
    if (l.pin != kNoPin) {
      if (value.is(Kind::Landed)) {
      } else if (is_float(l.type)) {
        to_freg(value, pin_freg(l));
      } else {
        to_reg(value, pin_reg(l));
      }
      state_.regs |= pin_bit(l);
      state_.homes &= ~pin_bit(l);
      next_death_ = std::min(next_death_, pins_[l.pin].last_read);  // perhaps it is never read
    } else {
      if (l.cache != 0xFF)
        is_float(l.type) ? forget_cache(freg(l.cache)) : forget_cache(reg(l.cache));
      store_value(value, l.home);
    }
  }
  if (!keep) {
    if (!same && l.pin == kNoPin && value.held && value.is(Kind::Reg)) remember(index, value.reg);
    return release(value);
  }
  if (same || l.pin != kNoPin) {
    release(value);
    ++l.references;
    return push({.kind = Kind::Local, .type = l.type, .index = index});
  }
  if (value.held && value.is(Kind::Reg)) {
    remember(index, value.reg);
    return is_float(l.type) ? push_freg(l.type, freg(value.reg)) : push_reg(l.type, reg(value.reg));
  }
  release(value);
  value.reg = 0xFF;
  if (value.is(Kind::Local)) ++local(value.index).references;
  push(value);
}

void FuncCompiler::local_set(const wasm::immediate::Local& operands) {
  set_local(operands.local.value, false);
}
void FuncCompiler::local_tee(const wasm::immediate::Local& operands) {
  set_local(operands.local.value, true);
}

void FuncCompiler::global_get(const wasm::immediate::Global& operands) {
  const uint32_t index = operands.global.value;
  const ValType type = module_.globals[index].type.value;
  if (abi::global_access(module_, index) == abi::Access::Host) {
    const Value leading[] = {{.kind = Kind::Const, .type = ValType::i32, .bits = index}};
    const ValType bits_type[] = {is_float(type) ? type == ValType::f32 ? ValType::i32 : ValType::i64
                                                : type};
    builtin(abi::Builtin::global_get, leading, 0, bits_type);
    if (!is_float(type)) return;
    Value& value = pop();
    const FReg r = falloc();
    masm_.reinterpret(size_of(bits_type[0]), r, reg(value.reg));
    release(value);
    return push_freg(type, r);
  }
  if (is_float(type)) {
    const FReg r = result_freg(type, nullptr);
    masm_.load_context(fsize_of(type), r, plan_.global(index));
    push_fresult(type, r);
  } else {
    const Reg r = result_reg(type, nullptr);
    masm_.load_context(size_of(type), r, plan_.global(index));
    push_result(type, r);
  }
}

void FuncCompiler::global_set(const wasm::immediate::Global& operands) {
  const uint32_t index = operands.global.value;
  const ValType type = module_.globals[index].type.value;
  if (abi::global_access(module_, index) == abi::Access::Host) {
    if (is_float(type)) {
      Value& value = pop();
      const Reg r = alloc();
      masm_.reinterpret(type == ValType::f32 ? Size::S32 : Size::S64, r, in_freg(value));
      release(value);
      push_reg(type == ValType::f32 ? ValType::i32 : ValType::i64, r);
    }
    const Value leading[] = {{.kind = Kind::Const, .type = ValType::i32, .bits = index}};
    return builtin(abi::Builtin::global_set, leading, 1, {});
  }
  Value& value = pop();
  if (is_float(type)) {
    masm_.store_context(fsize_of(type), plan_.global(index), in_freg(value));
  } else {
    masm_.store_context(size_of(type), plan_.global(index), in_reg(value));
  }
  release(value);
}

}  // namespace cordon::jit
