// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of idioms.def: statements as C compilers write them, drawn by BodyGen::idiom.
#include <array>

#include "fuzz/gen/body_gen.h"

namespace cordon::fuzz {

using wasm::Op;
using wasm::ValType;

void BodyGen::idiom() {
  using Idiom = void (BodyGen::*)();
  struct Weighted {
    Idiom idiom;
    uint32_t weight;
  };
  static constexpr Weighted kIdioms[] = {
#define IDIOM(name, weight) {&BodyGen::name, weight},
#include "fuzz/gen/idioms.def"
  };
  static constexpr uint32_t kSum = [] {
    uint32_t sum = 0;
    for (const Weighted& each : kIdioms) sum += each.weight;
    return sum;
  }();
  uint32_t drawn = choices_.below(kSum);
  for (const Weighted& each : kIdioms) {
    if (drawn < each.weight) return (this->*each.idiom)();
    drawn -= each.weight;
  }
}

// Mostly begins with nothing cached on the interpreter's stack: existing operands are used up.
// `local` is an i32 that then holds a small address.
bool BodyGen::begin_idiom(uint32_t& local) {
  if (!pick_local(ValType::i32, local)) return false;
  if (choices_.below(4) != 0) {
    while (available() != 0) discard();
  }
  if (choices_.below(4) != 0) code_.i32_const(small_address()).local_set(local);
  return true;
}

// An i32 comparison of drawn operands, not yet used.
void BodyGen::comparison() {
  constexpr ValType kNumbers[] = {ValType::i32, ValType::i64, ValType::f64, ValType::f32};
  const ValType type = choices_.of(kNumbers);
  constexpr Op kI32[] = {Op::i32_lt_s, Op::i32_eq, Op::i32_ge_u, Op::i32_ne, Op::i32_le_s};
  constexpr Op kI64[] = {Op::i64_lt_s, Op::i64_eq, Op::i64_ge_u, Op::i64_ne, Op::i64_gt_u};
  constexpr Op kF64[] = {Op::f64_lt, Op::f64_eq, Op::f64_ge, Op::f64_ne, Op::f64_gt};
  constexpr Op kF32[] = {Op::f32_lt, Op::f32_eq, Op::f32_ge, Op::f32_ne, Op::f32_le};
  if (choices_.once_in(6)) {
    produce(ValType::i32);
    code_.op(Op::i32_eqz);
    return;
  }
  produce(type);
  produce(type);
  code_.op(type == ValType::i32   ? choices_.of(kI32)
           : type == ValType::i64 ? choices_.of(kI64)
           : type == ValType::f64 ? choices_.of(kF64)
                                  : choices_.of(kF32));
  pop(2);
  push(ValType::i32, true);
}

void BodyGen::load_by_local() {
  uint32_t at = 0;
  if (!begin_idiom(at)) return;
  read_local(at);
  code_.access(Op::i32_load, choices_.below(32), choices_.below(3));
}

void BodyGen::load_beside_local() {
  uint32_t at = 0, other = 0;
  if (!begin_idiom(at) || !pick_local(ValType::i32, other)) return;
  read_local(other);
  read_local(at);
  code_.access(Op::i32_load, choices_.below(32), choices_.below(3));
  if (choices_.below(2) == 1) join(ValType::i32);
}

void BodyGen::load_by_loaded() {
  uint32_t at = 0;
  if (!begin_idiom(at)) return;
  const int32_t place = small_address();
  code_.i32_const(place).i32_const(small_address()).access(Op::i32_store, 4, 2);
  code_.i32_const(place).local_set(at);
  read_local(at);
  code_.access(Op::i32_load, 4, choices_.below(3));
  code_.access(Op::i32_load, choices_.once_in(32) ? 0x7fffffff : choices_.below(128), 2);
}

void BodyGen::store_by_locals() {
  uint32_t at = 0, value = 0;
  if (!begin_idiom(at) || !pick_local(ValType::i32, value)) return;
  read_local(at);
  read_local(value);
  code_.access(Op::i32_store, choices_.below(128), choices_.below(3));
  pop(2);
}

void BodyGen::add_to_memory() {
  uint32_t at = 0;
  if (!begin_idiom(at)) return;
  const uint32_t offset = choices_.below(64);
  read_local(at);
  read_local(at);
  const bool wide = choices_.below(2) == 1;
  code_.access(wide ? Op::i64_load : Op::i32_load, offset, 2);
  pop(1);
  push(wide ? ValType::i64 : ValType::i32, true);
  produce(stack_.back().type);
  code_.op(wide ? Op::i64_add : Op::i32_add)
      .access(wide ? Op::i64_store : Op::i32_store, offset, 2);
  pop(3);
}

void BodyGen::sum_to_global() {
  uint32_t local = 0, global = 0;
  if (!begin_idiom(local) || !pick_global(ValType::i32, true, global)) return;
  read_local(local);
  code_.i32_const(static_cast<int32_t>(choices_.below(128)) - 64).op(Op::i32_add);
  indexed(Op::global_set, global);
  pop(1);
}

// The end of a C function: frees its stack space, then gives its result.
void BodyGen::sum_at_the_end() {
  uint32_t result = 0;
  if (labels_.size() != 1 || type_.results.size() != 1) return;
  if (!pick_local(type_.results[0], result)) return;
  while (available() != 0) discard();
  sum_to_global();
  read_local(result);
}

void BodyGen::make_room() {
  uint32_t frame = 0, global = 0;
  if (!begin_idiom(frame) || !pick_global(ValType::i32, true, global)) return;
  code_.i32_const(0x200 + small_address());
  indexed(Op::global_set, global);
  indexed(Op::global_get, global);
  code_.i32_const(static_cast<int32_t>(choices_.below(16) * 16)).op(Op::i32_sub);
  indexed(Op::local_tee, frame);
  push(ValType::i32, true);
  uint32_t value = 0;
  switch (choices_.below(4)) {
    case 0:
      indexed(Op::global_set, global);
      pop(1);
      break;
    case 1:
      if (!pick_local(ValType::i32, value)) break;
      read_local(value);
      code_.access(Op::i32_store, choices_.below(16), 2);
      pop(2);
      break;
    case 2:
      produce(ValType::i64);
      code_.access(Op::i64_store, choices_.below(16), 3);
      pop(2);
      break;
    default: break;
  }
}

// A block gives the condition, possibly from two sides, and a branch after the block takes it.
void BodyGen::condition_over_join() {
  while (available() != 0) discard();
  const size_t floor = floor_;
  const bool dead = dead_;
  const wasm::FuncType type{{}, {ValType::i32}};
  Bytes encoded;
  encoded.type(ValType::i32);
  if (labels_.size() >= 7) return;
  open(Op::block, type, encoded, {type.results});
  if (choices_.below(2) == 1) {
    comparison();
    comparison();
    code_.br_if(0);  // the first value passes on
    pop(1);
    code_.op(Op::drop);
    pop(1);
  }
  if (choices_.below(3) == 2) step();
  while (available() != 0) discard();
  comparison();
  close(type, static_cast<uint32_t>(floor));
  dead_ = dead;
  switch (choices_.below(4)) {
    case 0: {
      const uint32_t depth = pick_label();
      if (!label(depth).types.empty()) break;
      branch(Op::br_if, depth);
      pop(1);
      break;
    }
    case 1:
      code_.op(Op::i32_eqz).block(Op::if_);
      pop(1);
      code_.op(Op::nop).end();
      break;
    case 2: {
      // Below two other operands, as a select takes it.
      uint32_t kept = 0;
      if (!pick_local(ValType::i32, kept)) break;
      indexed(Op::local_set, kept);
      pop(1);
      produce(ValType::i64);
      produce(ValType::i64);
      read_local(kept);
      code_.op(Op::select);
      pop(3);
      push(ValType::i64);
      break;
    }
    default: break;
  }
}

// Computed now, used after another operation.
void BodyGen::condition_kept() {
  comparison();
  produce(ValType::i32);
  uint32_t local = 0;
  if (choices_.below(2) == 1 && pick_local(ValType::i32, local)) {
    indexed(Op::local_tee, local);
  }
  code_.op(choices_.below(2) == 1 ? Op::i32_and : Op::i32_xor);
  pop(1);
  if (choices_.below(2) == 1) code_.op(Op::i32_eqz);
}

void BodyGen::tower() {
  constexpr ValType kKinds[] = {ValType::i32, ValType::i64, ValType::f64};
  const ValType type = choices_.of(kKinds);
  const uint32_t height =
      choices_.below(2) == 1 ? 132 + choices_.below(40) : 12 + choices_.below(12);
  const size_t floor = floor_;
  floor_ = stack_.size();
  for (uint32_t i = 0; i < height; ++i) {
    uint32_t local = 0;
    switch (i % 3) {
      case 0: constant(type); break;
      case 1: pick_local(type, local) ? read_local(local) : constant(type); break;
      default: produce(type); break;
    }
  }
  constexpr Op kI32[] = {Op::i32_add, Op::i32_sub, Op::i32_xor};
  constexpr Op kI64[] = {Op::i64_sub, Op::i64_add, Op::i64_xor};
  constexpr Op kF64[] = {Op::f64_sub, Op::f64_add, Op::f64_max};
  for (uint32_t i = 1; i < height; ++i) {
    code_.op(type == ValType::i32 ? kI32[i % 3] : type == ValType::i64 ? kI64[i % 3] : kF64[i % 3]);
    pop(1);
  }
  stack_.back().exact = type != ValType::f64;
  floor_ = floor;
}

void BodyGen::scaled_address() {
  uint32_t base = 0, index = 0;
  if (!begin_idiom(base) || !pick_local(ValType::i32, index)) return;
  code_.local_get(index).i32_const(0x3f).op(Op::i32_and).local_set(index);
  read_local(base);
  read_local(index);
  code_.i32_const(static_cast<int32_t>(choices_.below(4))).op(Op::i32_shl).op(Op::i32_add);
  pop(1);
  constexpr Op kLoads[] = {Op::i32_load,    Op::i64_load,     Op::f64_load,
                           Op::i32_load8_s, Op::i64_load32_u, Op::i64_load16_s};
  const Op load = choices_.of(kLoads);
  const ValType type = load == Op::f64_load                              ? ValType::f64
                       : load == Op::i32_load || load == Op::i32_load8_s ? ValType::i32
                                                                         : ValType::i64;
  code_.access(load, choices_.below(32), 0);
  pop(1);
  push(type, true);
}

void BodyGen::through_memory() {
  uint32_t at = 0;
  if (!begin_idiom(at)) return;
  read_local(at);
  produce(ValType::i64);
  code_.access(Op::i64_store, 0, choices_.below(4));
  pop(2);
  read_local(at);
  constexpr Op kLoads[] = {Op::f32_load, Op::i32_load16_s, Op::i32_load8_u, Op::i32_load};
  const Op load = choices_.of(kLoads);
  code_.access(load, choices_.below(5), 0);
  pop(1);
  push(load == Op::f32_load ? ValType::f32 : ValType::i32, true);
}

void BodyGen::bulk_overlap() {
  const auto near = [&] { return static_cast<int32_t>(choices_.below(9)); };
  if (choices_.below(3) != 0) {
    const int32_t place = small_address();
    code_.i32_const(place).i64_const(0x0807060504030201).access(Op::i64_store, 0, 3);
    code_.i32_const(place + near()).i32_const(place + near()).i32_const(1 + near());
    code_.op(Op::memory_copy).u8(0).u8(0);
  } else {
    const uint32_t table = pick_table(ValType::funcref);
    code_.i32_const(near() % 5).i32_const(near() % 5).i32_const(near() % 4);
    code_.op(Op::table_copy).u32(table).u32(table);
  }
}

void BodyGen::wait_and_drop() {
  const bool memory = choices_.below(2) == 1;
  const auto init = [&] {
    if (memory) {
      code_.i32_const(small_address())
          .i32_const(0)
          .i32_const(static_cast<int32_t>(choices_.below(14)));
      code_.op(Op::memory_init).u32(0).u8(0);
    } else {
      code_.i32_const(0).i32_const(0).i32_const(static_cast<int32_t>(choices_.below(4)));
      code_.op(Op::table_init).u32(1).u32(pick_table(ValType::funcref));
    }
  };
  init();
  // Rarely, since everything after it finds an empty segment.
  if (choices_.once_in(4)) code_.op(memory ? Op::data_drop : Op::elem_drop).u32(memory ? 0 : 1);
  if (choices_.once_in(4)) init();
}

}  // namespace cordon::fuzz
