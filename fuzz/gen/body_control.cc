// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CONTROL rows of opcodes.def: one method a row, drawn by BodyGen::step.
#include <algorithm>

#include "fuzz/gen/body_gen.h"
#include "fuzz/gen/constants.h"

namespace cordon::fuzz {

using wasm::FuncType;
using wasm::Op;
using wasm::ValType;

namespace {

constexpr uint32_t kMaxLoops = 3;  // nested loops: one counter each

}  // namespace

// The code after this up to the end of the block is unreachable.
void BodyGen::die() {
  stack_.resize(floor_);
  dead_ = true;
}

// A type for a block, with its encoding.
FuncType BodyGen::block_type(bool same_in_and_out, Bytes& encoded) {
  constexpr uint8_t kEmpty = 0x40;
  constexpr ValType kTypes[] = {ValType::i32,     ValType::i64,       ValType::f32, ValType::f64,
                                ValType::funcref, ValType::externref, ValType::i32, ValType::i32};
  const uint32_t how = choices_.below(4);
  if (how >= 2) {
    const uint32_t index = choices_.below(static_cast<uint32_t>(plan_.types.size()));
    const FuncType& type = plan_.types[index];
    if (!same_in_and_out || type.params == type.results) {
      encoded.s64(index);
      return type;
    }
  } else if (how == 1 && !same_in_and_out) {
    ValType type = choices_.of(kTypes);
    if (plan_.vectors != Vectors::None && choices_.once_in(6)) type = ValType::v128;
    encoded.type(type);
    return {{}, {type}};
  }
  encoded.u8(kEmpty);
  return {};
}

// `op` with its parameters, which are on the stack already.
void BodyGen::open(Op op, const FuncType& type, const Bytes& encoded, Label label) {
  code_.op(op).append(encoded);
  pop(type.params.size());
  floor_ = stack_.size();
  labels_.push_back(std::move(label));
  for (ValType param : type.params) push(param);
  dead_ = false;
}

// The block's `end`; restores the enclosing block's floor and life, which the caller kept.
void BodyGen::close(const FuncType& type, uint32_t floor) {
  settle(type.results);
  code_.end();
  stack_.resize(floor_);
  floor_ = floor;
  labels_.pop_back();
  for (ValType result : type.results) push(result);
}

void BodyGen::block() {
  if (labels_.size() == kMaxLabels) return;
  Bytes encoded;
  const FuncType type = block_type(false, encoded);
  need(type.params);
  const auto floor = static_cast<uint32_t>(floor_);
  const bool dead = dead_;
  open(Op::block, type, encoded, {type.results});
  statements();
  close(type, floor);
  dead_ = dead;
}

// Counts either at its head, and then any branch may go back to it, or only at its end.
void BodyGen::loop() {
  if (labels_.size() == kMaxLabels || loops_ == kMaxLoops) return;
  pays_ = true;
  Bytes encoded;
  const bool guarded = choices_.below(2) == 1;
  const FuncType type = block_type(!guarded, encoded);
  const uint32_t counter = hidden_ + loops_;
  need(type.params);
  code_.i32_const(static_cast<int32_t>(1 + choices_.below(6))).local_set(counter);
  const auto floor = static_cast<uint32_t>(floor_);
  const bool dead = dead_;
  open(Op::loop, type, encoded, {type.params, guarded});
  ++loops_;
  if (guarded) loop_header_guard(counter);
  statements();
  if (!guarded) {
    settle(type.params);
    switch (choices_.below(3)) {
      case 0:
        code_.local_get(counter).i32_const(1).op(Op::i32_sub).local_tee(counter).br_if(0);
        break;
      case 1:
        code_.local_get(counter).i32_const(-1).op(Op::i32_add).local_tee(counter);
        code_.i32_const(0).op(Op::i32_gt_s).br_if(0);
        break;
      case 2:
        code_.local_get(counter).i32_const(1).op(Op::i32_sub).local_set(counter);
        code_.local_get(counter).op(Op::i32_eqz).op(Op::i32_eqz).br_if(0);
        break;
    }
  }
  --loops_;
  close(type, floor);
  dead_ = dead;
}

// Branches to a label that is not this loop's if `counter` is used up.
void BodyGen::loop_header_guard(uint32_t counter) {
  code_.local_get(counter).i32_const(1).op(Op::i32_sub).local_tee(counter);
  code_.i32_const(0).op(Op::i32_lt_s).block(Op::if_);
  labels_.push_back({});
  const size_t floor = floor_;
  floor_ = stack_.size();
  uint32_t depth = pick_label();
  if (depth < 2) depth = static_cast<uint32_t>(labels_.size()) - 1;
  for (ValType type : label(depth).types) produce(type);
  branch(Op::br, depth);
  code_.end();
  stack_.resize(floor_);
  floor_ = floor;
  labels_.pop_back();
}

void BodyGen::if_() {
  if (labels_.size() == kMaxLabels) return;
  Bytes encoded;
  const bool two_arms = choices_.below(3) != 0;
  const FuncType type = block_type(!two_arms, encoded);
  need(type.params);
  constexpr ValType kCondition[] = {ValType::i32};
  // Without parameters the condition may be an existing operand, often a comparison.
  if (type.params.empty()) {
    need(kCondition);
  } else {
    produce(ValType::i32);
  }
  pop(1);
  const auto floor = static_cast<uint32_t>(floor_);
  const bool dead = dead_;
  open(Op::if_, type, encoded, {type.results});
  statements();
  if (two_arms) {
    settle(type.results);
    code_.op(Op::else_);
    stack_.resize(floor_);
    for (ValType param : type.params) push(param);
    dead_ = false;
    statements();
  }
  close(type, floor);
  dead_ = dead;
}

// Parts of other instructions; alone they have no meaning.
void BodyGen::else_() {}
void BodyGen::end() {}

// The outermost one if the one drawn must not be branched to.
uint32_t BodyGen::pick_label() {
  const auto count = static_cast<uint32_t>(labels_.size());
  const uint32_t depth = choices_.below(count);
  return label(depth).open ? depth : count - 1;
}

uint32_t BodyGen::label_index(uint32_t depth) const {
  uint32_t index = label(depth).inner;
  for (uint32_t i = 0; i < depth; ++i) index += 1 + label(i).inner;
  return index;
}

void BodyGen::br() {
  const uint32_t depth = pick_label();
  need(label(depth).types);
  branch(Op::br, depth);
  die();
}

void BodyGen::br_if() {
  const uint32_t depth = pick_label();
  const std::vector<ValType>& types = label(depth).types;
  constexpr ValType kCondition[] = {ValType::i32};
  need(types);
  if (types.empty()) {
    need(kCondition);
  } else {
    produce(ValType::i32);
  }
  branch(Op::br_if, depth);
  pop(1);
  if (!dead_) return;
  // Operands from below the floor have the label's types now.
  pop(types.size());
  for (ValType type : types) push(type);
}

void BodyGen::br_table() {
  const uint32_t otherwise = pick_label();
  const std::vector<ValType> types = label(otherwise).types;
  const uint32_t count = choices_.below(9);
  std::vector<uint32_t> depths;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t depth = pick_label();
    depths.push_back(label(depth).types == types ? depth : otherwise);
  }
  for (ValType type : types) produce(type);
  produce(ValType::i32);
  if (choices_.below(4) != 0) code_.i32_const(7).op(Op::i32_and);
  code_.op(Op::br_table).u32(count);
  for (uint32_t depth : depths) code_.u32(label_index(depth));
  code_.u32(label_index(otherwise));
  die();
}

void BodyGen::return_() {
  need(type_.results);
  code_.op(Op::return_);
  die();
}

// Rare: a trap at once makes a short run.
void BodyGen::unreachable() {
  if (choices_.once_in(4)) {
    code_.op(Op::unreachable);
    return die();
  }
  produce(ValType::i32);
  code_.i32_const(0x7fffff00).op(Op::i32_gt_s).block(Op::if_).op(Op::unreachable).end();
  pop(1);
}

void BodyGen::nop() { code_.op(Op::nop); }

void BodyGen::call() {
  pays_ = true;
  const uint32_t func = pick_func();
  const FuncType& type = plan_.type_of(func);
  arguments(type.params);
  indexed(Op::call, func);
  pop(type.params.size());
  for (ValType result : type.results) push(result);
}

// The index of a function in a table: `slot` as it is, computed, or any number.
void BodyGen::table_slot(uint32_t slot) {
  if (choices_.once_in(16)) {
    produce(ValType::i32);
    pop(1);
  } else if (choices_.below(2) == 1 && choices_.below(2) == 1) {
    produce(ValType::i32);
    code_.i32_const(0).op(Op::i32_and).i32_const(static_cast<int32_t>(slot)).op(Op::i32_or);
    pop(1);
  } else {
    code_.i32_const(static_cast<int32_t>(slot));
  }
}

void BodyGen::call_indirect() {
  pays_ = true;
  // Mostly a function that table 0 had at the start, and then mostly with its type.
  const uint32_t slot = choices_.below(static_cast<uint32_t>(plan_.targets.size()) + 1);
  uint32_t index = choices_.below(static_cast<uint32_t>(plan_.types.size()));
  if (slot < plan_.targets.size() && !choices_.once_in(16))
    index = plan_.funcs[plan_.targets[slot]];
  const uint32_t table = choices_.once_in(8) ? pick_table(ValType::funcref) : 0;
  const FuncType& type = plan_.types[index];
  arguments(type.params);
  table_slot(slot);
  indexed(Op::call_indirect, index);
  this->index(table);
  pop(type.params.size());
  for (ValType result : type.results) push(result);
}

void BodyGen::return_call() {
  if (!plan_.tail_calls) return;
  pays_ = true;
  const uint32_t func = pick_successor();
  arguments(plan_.type_of(func).params);
  indexed(Op::return_call, func);
  die();
}

// By a function that table 0 had at the start and that gives what this one does; if there is none,
// by this one's own type, which is a trap where the slot has another.
void BodyGen::return_call_indirect() {
  if (!plan_.tail_calls) return;
  pays_ = true;
  const auto count = static_cast<uint32_t>(plan_.targets.size());
  uint32_t index = own_type_, slot = choices_.below(count);
  const bool any = choices_.once_in(8);
  for (uint32_t i = 0; i < count && !any; ++i, slot = (slot + 1) % count) {
    const uint32_t type = plan_.funcs[plan_.targets[slot]];
    if (plan_.types[type].results != type_.results) continue;
    index = type;
    break;
  }
  arguments(plan_.types[index].params);
  table_slot(slot);
  indexed(Op::return_call_indirect, index);
  this->index(0);
  die();
}

void BodyGen::drop() {
  if (available() == 0) produce(choices_.below(2) == 1 ? ValType::f64 : ValType::i32);
  code_.op(Op::drop);
  pop(1);
}

void BodyGen::select() {
  constexpr ValType kTypes[] = {ValType::i32, ValType::i64, ValType::f32, ValType::f64};
  ValType type = choices_.of(kTypes);
  if (available() != 0 && !wasm::is_ref(stack_.back().type)) type = stack_.back().type;
  const ValType pair[] = {type, type};
  need(pair);
  produce(ValType::i32);
  code_.op(Op::select);
  pop(3);
  push(type);
}

void BodyGen::select_t() {
  constexpr ValType kTypes[] = {ValType::funcref, ValType::externref, ValType::i32, ValType::f64};
  ValType type = choices_.of(kTypes);
  if (plan_.vectors != Vectors::None && choices_.once_in(3)) type = ValType::v128;
  const ValType pair[] = {type, type};
  need(pair);
  produce(ValType::i32);
  code_.op(Op::select_t).u32(1).type(type);
  pop(3);
  push(type);
}

void BodyGen::local_get() {
  if (locals_.empty()) return;
  read_local(any_local());
}

void BodyGen::local_set() {
  if (locals_.empty()) return;
  const uint32_t local = any_local();
  need(std::span(locals_).subspan(local, 1));
  indexed(Op::local_set, local);
  pop(1);
}

void BodyGen::local_tee() {
  if (locals_.empty()) return;
  const uint32_t local = any_local();
  need(std::span(locals_).subspan(local, 1));
  indexed(Op::local_tee, local);
  pop(1);
  push(locals_[local]);
}

void BodyGen::global_get() {
  const uint32_t global = choices_.below(static_cast<uint32_t>(plan_.globals.size()));
  indexed(Op::global_get, global);
  push(plan_.globals[global].value);
}

void BodyGen::global_set() {
  const uint32_t global = choices_.below(static_cast<uint32_t>(plan_.globals.size()));
  const wasm::GlobalType& type = plan_.globals[global];
  if (!type.is_mutable || hidden_global(global)) return;
  need(std::span(&type.value, 1));
  indexed(Op::global_set, global);
  pop(1);
}

void BodyGen::table_get() {
  const uint32_t table = choices_.below(static_cast<uint32_t>(plan_.tables.size()));
  if (choices_.once_in(16)) {
    produce(ValType::i32);
    pop(1);
  } else {
    code_.i32_const(static_cast<int32_t>(choices_.below(10)));
  }
  code_.op(Op::table_get).u32(table);
  push(plan_.tables[table].element);
}

void BodyGen::table_set() {
  const uint32_t table = choices_.below(static_cast<uint32_t>(plan_.tables.size()));
  code_.i32_const(static_cast<int32_t>(choices_.below(choices_.once_in(16) ? 200 : 8)));
  push(ValType::i32);
  produce(plan_.tables[table].element);
  code_.op(Op::table_set).u32(table);
  pop(2);
}

void BodyGen::table_grow() {
  const uint32_t table = choices_.below(static_cast<uint32_t>(plan_.tables.size()));
  produce(plan_.tables[table].element);
  code_.i32_const(static_cast<int32_t>(choices_.below(choices_.once_in(8) ? 200 : 5)));
  code_.op(Op::table_grow).u32(table);
  pop(1);
  push(ValType::i32);
}

void BodyGen::table_fill() {
  const uint32_t table = choices_.below(static_cast<uint32_t>(plan_.tables.size()));
  code_.i32_const(static_cast<int32_t>(choices_.below(8)));
  push(ValType::i32);
  produce(plan_.tables[table].element);
  code_.i32_const(static_cast<int32_t>(choices_.below(choices_.once_in(8) ? 200 : 4)));
  code_.op(Op::table_fill).u32(table);
  pop(2);
}

void BodyGen::ref_null() {
  const ValType type = choices_.below(2) == 1 ? ValType::funcref : ValType::externref;
  code_.op(Op::ref_null).type(type);
  push(type);
}

void BodyGen::ref_is_null() {
  const ValType type = choices_.below(2) == 1 ? ValType::funcref : ValType::externref;
  need(std::span(&type, 1));
  code_.op(Op::ref_is_null);
  pop(1);
  push(ValType::i32);
}

void BodyGen::ref_func() {
  indexed(Op::ref_func, pick_seen_func());
  push(ValType::funcref);
}

}  // namespace cordon::fuzz
