// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls of FuncCompiler: functions, imports, and the instructions that are builtins of the runtime.
// Nothing but homes and slots outlives a call.
#include <bit>

#include "core/jit/baseline/func_compiler_inl.h"

namespace cordon::jit {

using abi::Builtin;
using masm::freg;
using masm::number;
using masm::reg;

// The top `arguments` entries are about to be used up; all else must not be in a register. A local
// that is read for the last time as an argument needs no home.
void FuncCompiler::before_call(uint32_t arguments) {
  const auto first = stack_.size() - arguments;
  uint32_t dirty = state_.regs & ~state_.homes;
  if (dirty == 0) return spill_below(first);
  const auto count_references = [&](bool counted) {
    for (uint32_t i = first; i < stack_.size(); ++i) {
      if (!stack_[i].is(Kind::Local)) continue;
      uint32_t& references = local(stack_[i].index).references;
      references = counted ? references + 1 : references - 1;
    }
  };
  count_references(false);
  for (; dirty != 0; dirty &= dirty - 1) {
    const auto p = static_cast<uint32_t>(std::countr_zero(dirty));
    const bool dead = op_offset_ > pins_[p].last_read && local(pins_[p].local).references == 0;
    if (!dead) store_pin(p);
  }
  count_references(true);
  spill_below(first);
}

void FuncCompiler::after_call() {
  state_.regs = 0;
  forget_caches();
}

// Moves

// 0xFF if it must be loaded or made.
uint8_t FuncCompiler::register_of(const Value& value) const {
  if (value.is(Kind::Reg) || value.held) return value.reg;
  if (!value.is(Kind::Local)) return 0xFF;
  const Local& l = locals_[value.index];
  if (l.pin == kNoPin) return l.cache;
  return (state_.regs & pin_bit(l)) != 0 ? l.reg : uint8_t{0xFF};
}

// All at once: no source is lost before it is read. Sources that are registers come first, a cycle
// by way of the scratch register; then what is loaded.
template <bool kFloat>
void FuncCompiler::move_all(masm::MacroAssembler& to, std::span<const Move> moves) {
  const auto emit = [&](uint8_t dst, uint8_t src, ValType type) {
    if constexpr (kFloat) {
      to.mov(fsize_of(type), freg(dst), freg(src));
    } else {
      to.mov(size_of(type), reg(dst), reg(src));
    }
  };
  constexpr auto kSpare =
      static_cast<uint8_t>(kFloat ? number(masm::kFScratch) : number(masm::kScratch));
  std::array<uint8_t, 8> from;
  std::array<uint8_t, 16> readers{};  // moves to be done, by source
  uint32_t pending = 0;
  for (size_t i = 0; i < moves.size(); ++i) {
    from[i] = register_of(*moves[i].from);
    if (from[i] == 0xFF) continue;
    pending |= uint32_t{1} << i;
    ++readers[from[i]];
  }
  while (pending != 0) {
    bool moved = false;
    for (uint32_t rest = pending; rest != 0; rest &= rest - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(rest));
      const uint8_t dst = moves[i].to;
      if (readers[dst] != (from[i] == dst ? 1 : 0)) continue;
      emit(dst, from[i], moves[i].from->type);
      --readers[from[i]];
      pending &= ~(uint32_t{1} << i);
      moved = true;
    }
    if (moved || pending == 0) continue;
    const uint8_t blocked = moves[static_cast<unsigned>(std::countr_zero(pending))].to;
    emit(kSpare, blocked, kFloat ? ValType::f64 : ValType::i64);
    readers[kSpare] = readers[blocked];
    readers[blocked] = 0;
    for (uint32_t rest = pending; rest != 0; rest &= rest - 1) {
      uint8_t& source = from[static_cast<unsigned>(std::countr_zero(rest))];
      if (source == blocked) source = kSpare;
    }
  }
  for (const Move& move : moves) {
    if (register_of(*move.from) != 0xFF) continue;
    if constexpr (kFloat) {
      to_freg(*move.from, freg(move.to));
    } else {
      to_reg(*move.from, reg(move.to));
    }
  }
}
template void FuncCompiler::move_all<false>(masm::MacroAssembler&, std::span<const Move>);
template void FuncCompiler::move_all<true>(masm::MacroAssembler&, std::span<const Move>);

// Functions

// Arguments on the stack first, while there are registers to move them through. The entries are
// used up.
void FuncCompiler::place_arguments(const wasm::FuncType& type) {
  const auto count = static_cast<uint32_t>(type.params.size());
  const auto first = stack_.size() - count;
  abi::ParamPlaces places;
  moves_.clear();
  fmoves_.clear();
  for (uint32_t i = 0; i < count; ++i) {
    const abi::ParamPlace place = places.next(type.params[i]);
    if (place.kind == abi::ParamPlace::Kind::Stack) {
      entry_to_frame(first + i, 8 * place.index);
    }
  }
  places = {};
  for (uint32_t i = 0; i < count; ++i) {
    const abi::ParamPlace place = places.next(type.params[i]);
    const Move move{&stack_[first + i], static_cast<uint8_t>(place.index)};
    if (place.kind == abi::ParamPlace::Kind::Int) moves_.add(move);
    if (place.kind == abi::ParamPlace::Kind::Float) fmoves_.add(move);
  }
  move_all<false>(masm_, moves_);
  move_all<true>(masm_, fmoves_);
  drop_to(first);
}

// A copy; the entry stays.
void FuncCompiler::entry_to_frame(uint32_t index, uint32_t frame) {
  if (stack_[index].is(Kind::Reg)) {
    const Value& entry = stack_[index];
    return is_float(entry.type) ? masm_.store(fsize_of(entry.type), frame, freg(entry.reg))
                                : masm_.store(size_of(entry.type), frame, reg(entry.reg));
  }
  Value value = stack_[index];
  store_value(value, frame);
  release(value);
}

void FuncCompiler::call_done(const wasm::FuncType& type, const CallShape& shape) {
  after_call();
  if (type.results.empty()) return;
  const ValType first = type.results[0];
  if (is_float(first)) {
    lock(masm::kFResult);
    push_freg(first, masm::kFResult);
  } else {
    lock(masm::kResult);
    push_reg(first, masm::kResult);
  }
  for (uint32_t i = 1; i < type.results.size(); ++i) {
    const auto index = stack_.size();
    masm_.load(Size::S64, masm::kScratch, 8 * (shape.stack_params + i - 1));
    masm_.store(Size::S64, slot(index), masm::kScratch);
    push({.kind = Kind::Slot, .type = type.results[i], .index = index});
  }
}

void FuncCompiler::call(const wasm::immediate::Func& operands) {
  const uint32_t func = operands.func.value;
  const wasm::TypeIdx index = module_.funcs[func];
  const wasm::FuncType& type = module_.types[index.value];
  if (func < module_.imported_funcs) return call_import(func, type);
  before_call(static_cast<uint32_t>(type.params.size()));
  place_arguments(type);
  const CallShape& shape = shapes_[index];
  masm_.call(func, shape.params_u32, !type.results.empty() && type.results[0] == ValType::i32);
  call_done(type, shape);
}

void FuncCompiler::call_indirect(const wasm::immediate::CallIndirect& operands) {
  const wasm::FuncType& type = module_.types[operands.type.value];
  const CallShape& shape = shapes_[operands.type];
  const auto count = static_cast<uint32_t>(type.params.size());
  before_call(count + 1);
  Value index = pop();
  if (index.held && index.reg == number(masm::kIndex)) {
    to_reg(index, masm::kIndex);
  } else {
    const Reg r = alloc_exactly(masm::kIndex);
    to_reg(index, r);
    release(index);
  }
  place_arguments(type);
  masm_.call_indirect(plan_.table(operands.table.value), plan_.type_id(operands.type.value),
                      shape.params_u32, !type.results.empty() && type.results[0] == ValType::i32);
  unlock(masm::kIndex);
  call_done(type, shape);
}

void FuncCompiler::call_import(uint32_t func, const wasm::FuncType& type) {
  const auto count = static_cast<uint32_t>(type.params.size());
  before_call(count);
  const auto first = stack_.size() - count;
  for (uint32_t i = 0; i < count; ++i) entry_to_frame(first + i, 8 * i);
  drop_to(first);
  constant_to(reg(abi::kBuiltinParams[0]), ValType::i32, func);
  masm_.call(Builtin::call_import);
  after_call();
  for (uint32_t i = 0; i < type.results.size(); ++i) {
    const ValType result = type.results[i];
    if (i == 0 && is_float(result)) {
      lock(masm::kFResult);
      masm_.load(fsize_of(result), masm::kFResult, 0);
      push_freg(result, masm::kFResult);
    } else if (i == 0) {
      lock(masm::kResult);
      masm_.load(size_of(result), masm::kResult, 0);
      push_reg(result, masm::kResult);
    } else {
      const auto index = stack_.size();
      masm_.load(Size::S64, masm::kScratch, 8 * i);
      masm_.store(Size::S64, slot(index), masm::kScratch);
      push({.kind = Kind::Slot, .type = result, .index = index});
    }
  }
}

// Builtins

// `leading` constants, then the top `operands` entries; `result` is none or one type, not a float.
void FuncCompiler::builtin(Builtin which, std::span<const Value> leading, uint32_t operands,
                           std::span<const ValType> result) {
  before_call(operands);
  moves_.clear();
  size_t place = 0;
  for (const Value& value : leading) moves_.add({&value, abi::kBuiltinParams[place++]});
  const auto first = stack_.size() - operands;
  for (uint32_t i = 0; i < operands; ++i) {
    moves_.add({&stack_[first + i], abi::kBuiltinParams[place++]});
  }
  move_all<false>(masm_, moves_);
  drop_to(first);
  masm_.call(which);
  after_call();
  if (result.empty()) return;
  lock(masm::kResult);
  if (result[0] == ValType::i32) masm_.mov(Size::S32, masm::kResult, masm::kResult);
  push_reg(result[0], masm::kResult);
}

namespace {
Value index_value(uint32_t index) {
  return {.kind = Value::Kind::Const, .type = ValType::i32, .bits = index};
}
constexpr ValType kI32[] = {ValType::i32};
}  // namespace

void FuncCompiler::memory_size(const wasm::immediate::Memory&) {
  const Reg r = result_reg(ValType::i32, nullptr);
  masm_.load_context(Size::S32, r, offsetof(abi::VmContext, memory_pages));
  push_result(ValType::i32, r);
}
void FuncCompiler::memory_grow(const wasm::immediate::Memory&) {
  builtin(Builtin::memory_grow, {}, 1, kI32);
}
void FuncCompiler::memory_copy(const wasm::immediate::MemoryCopy&) {
  builtin(Builtin::memory_copy, {}, 3, {});
}
void FuncCompiler::memory_fill(const wasm::immediate::Memory&) {
  builtin(Builtin::memory_fill, {}, 3, {});
}
void FuncCompiler::memory_init(const wasm::immediate::MemoryInit& operands) {
  const Value leading[] = {index_value(operands.data.value)};
  builtin(Builtin::memory_init, leading, 3, {});
}
void FuncCompiler::data_drop(const wasm::immediate::Data& operands) {
  const Value leading[] = {index_value(operands.data.value)};
  builtin(Builtin::data_drop, leading, 0, {});
}
void FuncCompiler::table_get(const wasm::immediate::Table& operands) {
  const Value leading[] = {index_value(operands.table.value)};
  const ValType result[] = {module_.tables[operands.table.value].element};
  builtin(Builtin::table_get, leading, 1, result);
}
void FuncCompiler::table_set(const wasm::immediate::Table& operands) {
  const Value leading[] = {index_value(operands.table.value)};
  builtin(Builtin::table_set, leading, 2, {});
}
void FuncCompiler::table_size(const wasm::immediate::Table& operands) {
  const Value leading[] = {index_value(operands.table.value)};
  builtin(Builtin::table_size, leading, 0, kI32);
}
// The value comes before the count on the stack.
void FuncCompiler::table_grow(const wasm::immediate::Table& operands) {
  exchange_top();
  const Value leading[] = {index_value(operands.table.value)};
  builtin(Builtin::table_grow, leading, 2, kI32);
}
void FuncCompiler::table_fill(const wasm::immediate::Table& operands) {
  const Value leading[] = {index_value(operands.table.value)};
  builtin(Builtin::table_fill, leading, 3, {});
}
void FuncCompiler::table_copy(const wasm::immediate::TableCopy& operands) {
  const Value leading[] = {index_value(operands.to.value), index_value(operands.from.value)};
  builtin(Builtin::table_copy, leading, 3, {});
}
void FuncCompiler::table_init(const wasm::immediate::TableInit& operands) {
  const Value leading[] = {index_value(operands.table.value), index_value(operands.elem.value)};
  builtin(Builtin::table_init, leading, 3, {});
}
void FuncCompiler::elem_drop(const wasm::immediate::Elem& operands) {
  const Value leading[] = {index_value(operands.elem.value)};
  builtin(Builtin::elem_drop, leading, 0, {});
}
void FuncCompiler::ref_func(const wasm::immediate::Func& operands) {
  const Value leading[] = {index_value(operands.func.value)};
  const ValType result[] = {ValType::funcref};
  builtin(Builtin::ref_func, leading, 0, result);
}

// Neither of the two may be in its slot, which belongs to its place.
void FuncCompiler::exchange_top() {
  Value top = pop();
  Value below = pop();
  own(top);
  own(below);
  push_reg(top.type, reg(top.reg));
  push_reg(below.type, reg(below.reg));
}

}  // namespace cordon::jit
