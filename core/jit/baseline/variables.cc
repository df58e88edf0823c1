// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parametric and variable rows of Compiler: drop, select, locals and globals.
#include "core/jit/baseline/compiler.h"
#include "core/jit/baseline/operands_inl.h"

namespace cordon::jit::baseline {

using abi::Builtin;
using masm::Test;

namespace {

// The local's value is also in the temporary that `value` is in.
void remember(Registers& registers, Local& l, const Value& value) {
  with_class(l.type,
             [&]<class R>() { registers.of<R>().remember(register_at<R>(value.reg), l.cache); });
}
void forget(Registers& registers, const Local& l) {
  if (l.cache == kNoRegister) return;
  with_class(l.type, [&]<class R>() { registers.of<R>().forget(register_at<R>(l.cache)); });
}

// The flags of a condition, or of a comparison of a register with zero.
Test tested(const Value& condition) {
  return condition.is(Value::Kind::Test) ? condition.test() : Test::Ne;
}

// The integer type of the same width, for moving a float.
ValType bits_of(ValType type) { return type == ValType::f32 ? ValType::i32 : ValType::i64; }

}  // namespace

void Compiler::drop(const wasm::immediate::None&) {
  Value& value = operands_.pop();
  if (value.is(Kind::Test)) operands_.free_flags();
  operands_.release(value);
}

// Select

void Compiler::select(const wasm::immediate::None&) {
  const NarrowType type = operands_[operands_.size() - 2].type;
  is_float(type) ? select_float(type) : select_integer(type);
}
void Compiler::select_t(const wasm::immediate::SelectTypes&) { select({}); }

void Compiler::select_float(ValType type) {
  Value &condition = operands_.pop(), &if_false = operands_.pop(), &if_true = operands_.pop();
  const Reg reg = condition.is(Kind::Test) ? Reg::none : operands_.in<Reg>(condition);
  const FReg dst = operands_.own<FReg>(if_false);
  const FReg from = operands_.in<FReg>(if_true);
  if (!condition.is(Kind::Test)) masm_.test_zero(Size::S32, reg);
  operands_.free_flags();
  masm_.select(tested(condition), size_of<FReg>(type), dst, from);
  operands_.release(condition);
  operands_.release(if_true);
  operands_.push_reg(type, dst);
}

void Compiler::select_integer(ValType type) {
  Value &condition = operands_.pop(), &if_false = operands_.pop(), &if_true = operands_.pop();
  const Reg reg = condition.is(Kind::Test) ? Reg::none : operands_.in<Reg>(condition);
  const Reg from = operands_.in<Reg>(if_true);
  // The local that is set next may take the result, unless one of the operands is in its register.
  const Local* target = locals_.landing(type);
  Reg dst = target != nullptr ? target->pin_reg<Reg>() : Reg::none;
  if (target != nullptr && dst != from && dst != reg) {
    operands_.put(if_false, dst);
    operands_.release(if_false);
  } else {
    dst = operands_.own<Reg>(if_false);
    if_false.held = false;
  }
  if (!condition.is(Kind::Test)) masm_.test_zero(Size::S32, reg);
  operands_.free_flags();
  masm_.select(tested(condition), size_of<Reg>(type), dst, from);
  operands_.release(condition);
  operands_.release(if_true);
  operands_.push_result(type, dst);
}

// Locals

void Compiler::local_set(const wasm::immediate::Local& operands) {
  Local& l = locals_[operands.local.value];
  Value& value = operands_.pop();
  if (!set_local(l, value)) return operands_.release(value);
  if (!l.pinned() && value.held && value.is(Kind::Reg)) remember(operands_.registers(), l, value);
  operands_.release(value);
}

void Compiler::local_tee(const wasm::immediate::Local& operands) {
  const uint32_t index = operands.local.value;
  Local& l = locals_[index];
  Value& value = operands_.pop();
  const bool changed = set_local(l, value);
  if (!changed || l.pinned()) {
    operands_.release(value);
    ++l.references;
    return operands_.push({.kind = Kind::Local, .type = l.type, .index = index});
  }
  if (value.held && value.is(Kind::Reg)) {
    remember(operands_.registers(), l, value);
    return with_class(l.type,
                      [&]<class R>() { operands_.push_reg(l.type, register_at<R>(value.reg)); });
  }
  operands_.release(value);
  value.reg = kNoRegister;
  if (value.is(Kind::Local)) ++locals_[value.index].references;
  operands_.push(value);
}

// False if the value was the local's own already, so that nothing has changed.
bool Compiler::set_local(Local& l, Value& value) {
  const uint32_t index = locals_.index_of(l);
  if (value.is(Kind::Local) && value.index == index) return false;
  if (l.references != 0) operands_.materialize(index);
  if (!l.pinned()) {
    forget(operands_.registers(), l);
    operands_.store(value, l.home);
    return true;
  }
  if (!value.is(Kind::Landed)) {
    with_class(l.type, [&]<class R>() { operands_.put(value, l.pin_reg<R>()); });
  }
  locals_.was_set(l);
  return true;
}

// Globals

void Compiler::global_get(const wasm::immediate::Global& operands) {
  const uint32_t index = operands.global.value;
  const ValType type = module_.globals[index].type.value;
  if (abi::global_access(module_, index) == abi::Access::Host) return get_host_global(index, type);
  with_class(type, [&]<class R>() {
    const R r = operands_.result<R>(type);
    masm_.load_context(size_of<R>(type), r, plan_.global(index));
    operands_.push_result(type, r);
  });
}

void Compiler::global_set(const wasm::immediate::Global& operands) {
  const uint32_t index = operands.global.value;
  const ValType type = module_.globals[index].type.value;
  if (abi::global_access(module_, index) == abi::Access::Host) return set_host_global(index, type);
  Value& value = operands_.pop();
  with_class(type, [&]<class R>() {
    masm_.store_context(size_of<R>(type), plan_.global(index), operands_.in<R>(value));
  });
  operands_.release(value);
}

// The builtins of globals hand 64 bits over, or a vector in the frame.
void Compiler::get_host_global(uint32_t index, ValType type) {
  if (is_vector(type)) return calls_.get_vector(index);
  if (!is_float(type)) return calls_.call(Builtin::global_get, {index}, 0, type);
  calls_.call(Builtin::global_get, {index}, 0, bits_of(type));
  Value& value = operands_.pop();
  const FReg r = operands_.alloc<FReg>();
  masm_.reinterpret(size_of<Reg>(bits_of(type)), r, register_at<Reg>(value.reg));
  operands_.release(value);
  operands_.push_reg(type, r);
}

void Compiler::set_host_global(uint32_t index, ValType type) {
  if (is_vector(type)) return calls_.set_vector(index);
  if (is_float(type)) {
    Value& value = operands_.pop();
    const Reg r = operands_.alloc<Reg>();
    masm_.reinterpret(size_of<Reg>(bits_of(type)), r, operands_.in<FReg>(value));
    operands_.release(value);
    operands_.push_reg(bits_of(type), r);
  }
  calls_.call(Builtin::global_set, {index}, 1);
}

}  // namespace cordon::jit::baseline
