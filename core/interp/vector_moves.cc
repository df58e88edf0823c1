// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of the opcodes by which a copied body moves vectors (core/runtime/vector_code.h), with
// all operands in memory. In a function with a v128 local, of n locals, local i has its slot at i,
// where handlers of one slot expect it, and the upper half of a vector at n + i.
#include <algorithm>

#include "core/interp/handler.h"
#include "core/interp/vector_slots.h"
#include "core/wasm/limits.h"

namespace cordon::interp {

namespace {

// How many locals the function declares, which must be one of two slots a local; the locals that
// hold what legacy catches caught come after all of them.
uint32_t locals_of(const runtime::Func& func) {
  return (func.locals - func.code->caught_locals()) / 2;
}

// Moves the parameters from where the caller left them, two slots for a vector, to the places of
// locals. Slots of parameters that are no local's place become zero, as all slots after them do.
SLOW void place_parameters(const runtime::Func& func, uint64_t* fp) {
  const std::vector<wasm::ValType>& types = func.type->params;
  std::array<uint64_t, wasm::kMaxParams> upper;
  const uint64_t* from = fp;
  for (size_t i = 0; i < types.size(); ++i) {
    fp[i] = *from++;
    if (types[i] == wasm::ValType::v128) upper[i] = *from++;
  }
  std::fill(fp + types.size(), fp + func.params, uint64_t{0});
  uint64_t* const upper_slots = fp + locals_of(func);
  for (size_t i = 0; i < types.size(); ++i) {
    if (types[i] == wasm::ValType::v128) upper_slots[i] = upper[i];
  }
}

}  // namespace

// `index`, the immediate of a local or global, and `at`, the byte after it.
#define INDEX()               \
  const uint8_t* at = pc + 1; \
  const uint32_t index = read_u32(at)

// A condition of zero chooses the second vector.
#define SELECT(length)                     \
  sp -= 3;                                 \
  if (static_cast<uint32_t>(sp[2]) == 0) { \
    sp[-2] = sp[0];                        \
    sp[-1] = sp[1];                        \
  }                                        \
  NEXT(0, length)

namespace on {

HANDLER(enter_vectors) {
  place_parameters(*frame->func, fp);
  NEXT(0, 1);
}

template <unsigned kCached>
HANDLER(drop_vector) {
  spill<kCached>(sp, a, b, c);
  sp -= 2;
  NEXT(0, 1);
}
INSTANTIATE(drop_vector)

template <unsigned kCached>
HANDLER(select_vector) {
  spill<kCached>(sp, a, b, c);
  SELECT(1);
}
INSTANTIATE(select_vector)

// The type is one byte, after the length of its vector.
template <unsigned kCached>
HANDLER(select_typed_vector) {
  spill<kCached>(sp, a, b, c);
  SELECT(skip_leb(pc + 1) + 1 - pc);
}
INSTANTIATE(select_typed_vector)

template <unsigned kCached>
HANDLER(local_get_vector) {
  spill<kCached>(sp, a, b, c);
  INDEX();
  push_pair(sp, fp[index], fp[index + locals_of(*frame->func)]);
  NEXT(0, at - pc);
}
INSTANTIATE(local_get_vector)

template <unsigned kCached>
HANDLER(local_set_vector) {
  spill<kCached>(sp, a, b, c);
  INDEX();
  sp -= 2;
  fp[index] = sp[0];
  fp[index + locals_of(*frame->func)] = sp[1];
  NEXT(0, at - pc);
}
INSTANTIATE(local_set_vector)

template <unsigned kCached>
HANDLER(local_tee_vector) {
  spill<kCached>(sp, a, b, c);
  INDEX();
  fp[index] = sp[-2];
  fp[index + locals_of(*frame->func)] = sp[-1];
  NEXT(0, at - pc);
}
INSTANTIATE(local_tee_vector)

template <unsigned kCached>
HANDLER(global_get_vector) {
  spill<kCached>(sp, a, b, c);
  INDEX();
  const uint64_t* const cell = ctx->globals[index];
  push_pair(sp, cell[0], cell[1]);
  NEXT(0, at - pc);
}
INSTANTIATE(global_get_vector)

template <unsigned kCached>
HANDLER(global_set_vector) {
  spill<kCached>(sp, a, b, c);
  INDEX();
  uint64_t* const cell = ctx->globals[index];
  sp -= 2;
  cell[0] = sp[0];
  cell[1] = sp[1];
  NEXT(0, at - pc);
}
INSTANTIATE(global_set_vector)

}  // namespace on

}  // namespace cordon::interp
