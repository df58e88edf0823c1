// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The operand stack of a body while it is drawn: values that are produced when something needs
// them, and what is done with those that are left.
#include "fuzz/gen/body_gen.h"

namespace cordon::fuzz {

using wasm::Imm;
using wasm::Op;
using wasm::ValType;

namespace {

constexpr uint32_t kMaxNesting = 4;

}  // namespace

void BodyGen::constant(ValType type) {
  const Op op = type == ValType::i32   ? Op::i32_const
                : type == ValType::i64 ? Op::i64_const
                : type == ValType::f32 ? Op::f32_const
                : type == ValType::f64 ? Op::f64_const
                                       : Op::v128_const;
  code_.op(op);
  immediates(type == ValType::i32   ? Imm::I32
             : type == ValType::i64 ? Imm::I64
             : type == ValType::f32 ? Imm::F32
             : type == ValType::f64 ? Imm::F64
                                    : Imm::V128);
  push(type, true);
}

void BodyGen::produce(ValType type) {
  uint32_t index = 0;
  const uint32_t how = choices_.below(8);
  if (how >= 5 && pick_local(type, index)) return read_local(index);
  if (how == 4 && pick_global(type, false, index)) {
    indexed(Op::global_get, index);
    return push(type);
  }
  if (wasm::is_ref(type)) return produce_ref(type);
  produce_number(type);
}

void BodyGen::produce_number(ValType type) {
  if (nesting_ == kMaxNesting || choices_.spent() || choices_.below(2) == 0) {
    return constant(type);
  }
  ++nesting_;
  const size_t floor = floor_;
  const bool dead = dead_;
  // A fresh expression takes nothing from the stack.
  floor_ = stack_.size();
  dead_ = false;
  numeric(*choices_.of(rows_giving(type, plan_.vectors)));
  floor_ = floor;
  dead_ = dead;
  --nesting_;
}

void BodyGen::produce_ref(ValType type) {
  if (type == ValType::exnref) {
    code_.op(Op::ref_null).type(type);
    return push(type);
  }
  if (choices_.below(3) == 2) {
    const uint32_t table = pick_table(type);
    code_.i32_const(static_cast<int32_t>(choices_.below(8))).op(Op::table_get).u32(table);
  } else if (type == ValType::funcref && choices_.below(2) == 1) {
    indexed(Op::ref_func, pick_seen_func());
  } else {
    code_.op(Op::ref_null).type(type);
  }
  push(type);
}

bool BodyGen::covers(Types types, size_t count) const {
  if (available() < count) return false;
  for (size_t i = 0; i < count; ++i) {
    if (stack_[stack_.size() - count + i].type != types[i]) return false;
  }
  return true;
}

void BodyGen::need(Types types) {
  // After a branch the stack provides whatever is missing below.
  if (dead_ && available() <= types.size() && choices_.below(2) == 1 &&
      covers(types.last(available()), available())) {
    return;
  }
  size_t there = types.size();
  while (!covers(types, there)) --there;
  for (ValType type : types.subspan(there)) produce(type);
}

// The arguments of a call; sometimes all of them locals, which compilers shuffle.
void BodyGen::arguments(Types types) {
  if (choices_.below(3) != 2) return need(types);
  for (ValType type : types) {
    uint32_t local = 0;
    pick_local(type, local) ? read_local(local) : produce(type);
  }
}

void BodyGen::pop(size_t count) { stack_.resize(stack_.size() - std::min(count, available())); }

void BodyGen::discard() {
  uint32_t index = 0;
  const ValType type = stack_.back().type;
  if (choices_.below(3) == 2) return digest();
  if (pick_local(type, index)) {
    indexed(Op::local_set, index);
  } else if (pick_global(type, true, index)) {
    indexed(Op::global_set, index);
  } else {
    code_.op(Op::drop);
  }
  pop(1);
}

// Uses up the top of the stack so that its value has an effect.
void BodyGen::digest() {
  const Operand value = stack_.back();
  if ((value.type == ValType::f32 || value.type == ValType::f64) && !value.exact) {
    canonical(value.type);
  }
  if (wasm::is_ref(value.type)) code_.op(Op::ref_is_null);
  if (value.type == ValType::f32) code_.op(Op::i32_reinterpret_f32);
  if (value.type == ValType::f64) code_.op(Op::i64_reinterpret_f64);
  if (value.type == ValType::v128) {
    code_.local_tee(hidden_vector()).op(Op::i64x2_extract_lane).u8(0);
    code_.local_get(hidden_vector()).op(Op::i64x2_extract_lane).u8(1).op(Op::i64_sub);
  } else if (value.type != ValType::i64 && value.type != ValType::f64) {
    code_.op(Op::i64_extend_i32_u);
  }
  const uint32_t global = plan_.digest_global;
  code_.op(Op::global_get).u32(global).op(Op::i64_xor).i64_const(7).op(Op::i64_rotl);
  code_.op(Op::global_set).u32(global);
  pop(1);
}

// Leaves exactly `types` above the floor, through locals if necessary.
void BodyGen::settle(Types types) {
  if (available() == types.size() && covers(types, types.size())) return;
  if (dead_ && available() == 0 && choices_.below(2) == 1) {
    for (ValType type : types) push(type);
    return;
  }
  while (available() != 0) discard();
  for (ValType type : types) produce(type);
}

}  // namespace cordon::fuzz
