// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/baseline/call_sequence.h"

#include <array>
#include <bit>

#include "core/jit/baseline/operands_inl.h"
#include "core/jit/baseline/parallel_moves.h"

namespace cordon::jit::baseline {

using Kind = Value::Kind;

namespace {

// An index as the argument of a builtin.
Value index_constant(uint32_t index) {
  return {.kind = Kind::Const, .type = ValType::i32, .bits = index};
}

}  // namespace

void CallSequence::begin(uint32_t arguments) {
  const uint32_t first = operands_.size() - arguments;
  if (locals_.unsaved()) {
    const auto for_arguments = [&](auto change) {
      for (uint32_t i = first; i < operands_.size(); ++i) {
        if (operands_[i].is(Kind::Local)) change(locals_[operands_[i].index].references);
      }
    };
    for_arguments([](uint32_t& references) { --references; });
    locals_.save();
    for_arguments([](uint32_t& references) { ++references; });
  }
  spill_below<Reg>(first);
  spill_below<FReg>(first);
}

// Entries below `count` give up their temporaries.
template <class R>
void CallSequence::spill_below(uint32_t count) {
  const RegisterFile<R>& file = operands_.registers().of<R>();
  for (uint32_t rest = file.owned(); rest != 0; rest &= rest - 1) {
    const uint32_t index =
        file.owner(register_at<R>(static_cast<unsigned>(std::countr_zero(rest))));
    if (index < count) operands_.to_slot(index);
  }
}

void CallSequence::end() {
  locals_.lose_registers();
  operands_.registers().forget_all();
}

template <class R>
void CallSequence::put_all(std::span<const Place<R>> places) {
  if (places.empty()) return;
  ParallelMoves<R> moves;
  uint32_t elsewhere = 0;  // bit by place: in no register
  for (uint32_t i = 0; i < places.size(); ++i) {
    const Value& value = *places[i].value;
    const uint8_t from = operands_.register_of(value);
    if (from == kNoRegister) {
      elsewhere |= uint32_t{1} << i;
    } else {
      moves.add(register_at<R>(from), places[i].to, value.type);
    }
  }
  moves.emit(masm_);
  for (; elsewhere != 0; elsewhere &= elsewhere - 1) {
    const Place<R>& place = places[static_cast<unsigned>(std::countr_zero(elsewhere))];
    operands_.put(*place.value, place.to);
  }
}

// A copy: the entry stays.
void CallSequence::copy_to_frame(uint32_t index, uint32_t place) {
  const Value& entry = operands_[index];
  if (entry.is(Kind::Reg)) {
    return with_class(entry.type, [&]<class R>() {
      masm_.store(size_of<R>(entry.type), place, register_at<R>(entry.reg));
    });
  }
  Value value = entry;
  operands_.store(value, place);
  operands_.release(value);
}

// Arguments on the stack come first, while there are registers to move them through.
void CallSequence::place_arguments(const wasm::FuncType& type, uint32_t area) {
  const auto count = static_cast<uint32_t>(type.params.size());
  const uint32_t first = operands_.size() - count;
  ints_.clear();
  floats_.clear();
  abi::ParamPlaces places(type);
  for (uint32_t i = 0; i < count; ++i) {
    const abi::ParamPlace place = places.next(type.params[i]);
    const Value* const value = &operands_[first + i];
    switch (place.kind) {
      case abi::ParamPlace::Kind::Int: ints_.add({value, register_at<Reg>(place.index)}); break;
      case abi::ParamPlace::Kind::Float:
        floats_.add({value, register_at<FReg>(place.index)});
        break;
      case abi::ParamPlace::Kind::Stack:
        copy_to_frame(first + i, area + abi::slot_bytes(place.index));
    }
  }
  put_all<Reg>(ints_);
  put_all<FReg>(floats_);
  operands_.drop_to(first);
}

void CallSequence::push_results(const wasm::FuncType& type) {
  end();
  const uint32_t in_memory = abi::first_in_memory(type.results);
  if (in_memory != 0) {
    const ValType first = type.results[0];
    with_class(first, [&]<class R>() {
      operands_.push_reg(first, operands_.alloc_exactly(ClassOf<R>::kResult));
    });
  }
  abi::ResultPlaces places;
  for (const ValType result : std::span(type.results).subspan(in_memory)) {
    push_copied(result, abi::slot_bytes(places.next(result)));
  }
}

// A copy of the value at `place` in the frame: in its slot, or for a vector in a register.
void CallSequence::push_copied(ValType type, uint32_t place) {
  if (is_vector(type)) {
    const FReg r = operands_.alloc<FReg>();
    masm_.load(size_of<FReg>(type), r, place);
    return operands_.push_reg(type, r);
  }
  copy_slots(masm_, type, place, operands_.slot(operands_.size(), type));
  operands_.push_slots({&type, 1});
}

// Its one argument is `index`; everything else is in slots at the bottom of the frame.
void CallSequence::call_with_slots(abi::Builtin builtin, uint32_t index) {
  operands_.put(index_constant(index), register_at<Reg>(abi::kBuiltinParams[0]));
  masm_.call(builtin);
  end();
}

void CallSequence::get_vector(uint32_t index) {
  begin(0);
  call_with_slots(abi::Builtin::vector_global_get, index);
  push_copied(ValType::v128, 0);
}

void CallSequence::set_vector(uint32_t index) {
  begin(1);
  copy_to_frame(operands_.size() - 1, 0);
  operands_.drop_to(operands_.size() - 1);
  call_with_slots(abi::Builtin::vector_global_set, index);
}

void CallSequence::push_copied(std::span<const ValType> types, uint32_t place) {
  for (const ValType type : types) {
    push_copied(type, place);
    place += abi::slot_bytes(abi::slots_of(type));
  }
}

// Calls a builtin that takes its arguments in slots at the bottom of the frame.
void CallSequence::call_with_arguments(abi::Builtin builtin, uint32_t index,
                                       std::span<const ValType> arguments) {
  const auto count = static_cast<uint32_t>(arguments.size());
  begin(count);
  const uint32_t first = operands_.size() - count;
  uint32_t at = 0;
  for (uint32_t i = 0; i < count; ++i) {
    copy_to_frame(first + i, at);
    at += abi::slot_bytes(abi::slots_of(arguments[i]));
  }
  operands_.drop_to(first);
  call_with_slots(builtin, index);
}

void CallSequence::throw_new(uint32_t tag, std::span<const ValType> payload) {
  call_with_arguments(abi::Builtin::throw_new, tag, payload);
}

void CallSequence::call_import(uint32_t func, const wasm::FuncType& type) {
  call_with_arguments(abi::Builtin::call_import, func, type.params);
  uint32_t at = 0;
  for (const ValType result : type.results) {
    if (at == 0) {
      with_class(result, [&]<class R>() {
        const R r = operands_.alloc_exactly(ClassOf<R>::kResult);
        masm_.load(size_of<R>(result), r, at);
        operands_.push_reg(result, r);
      });
    } else {
      push_copied(result, at);
    }
    at += abi::slot_bytes(abi::slots_of(result));
  }
}

void CallSequence::call(abi::Builtin builtin, std::initializer_list<uint32_t> indices,
                        uint32_t operands, std::optional<ValType> result) {
  begin(operands);
  std::array<Value, abi::kBuiltinParams.size()> constants;
  ints_.clear();
  size_t count = 0;
  const auto add = [&](const Value& value) {
    ints_.add({&value, register_at<Reg>(abi::kBuiltinParams[count++])});
  };
  for (const uint32_t index : indices) {
    constants[count] = index_constant(index);
    add(constants[count]);
  }
  const uint32_t first = operands_.size() - operands;
  for (uint32_t i = 0; i < operands; ++i) add(operands_[first + i]);
  put_all<Reg>(ints_);
  operands_.drop_to(first);
  masm_.call(builtin);
  end();
  if (!result) return;
  const Reg r = operands_.alloc_exactly(masm::kResult);
  if (*result == ValType::i32) masm_.mov(masm::Size::S32, r, r);
  operands_.push_reg(*result, r);
}

}  // namespace cordon::jit::baseline
