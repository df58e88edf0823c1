// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/vector_code.h"

#include "core/base/check.h"
#include "core/wasm/op.h"

namespace cordon::runtime {

namespace {

using wasm::Op;

// The opcode that moves a vector as the opcode `byte` moves a value of one slot.
VectorOpcode of_vectors(uint8_t byte) {
  switch (static_cast<Op>(byte)) {
    case Op::drop: return kDropVector;
    case Op::select: return kSelectVector;
    case Op::select_t: return kSelectTypedVector;
    case Op::local_get: return kLocalGetVector;
    case Op::local_set: return kLocalSetVector;
    case Op::local_tee: return kLocalTeeVector;
    case Op::global_get: return kGlobalGetVector;
    case Op::global_set: return kGlobalSetVector;
    default: CHECK(false); return {};
  }
}

bool takes_vectors(const wasm::ValidatedFunc& func) {
  return wasm::slots_of(func.type().params) != func.type().params.size();
}

}  // namespace

bool needs_vector_code(const wasm::ValidatedFunc& func) {
  return func.has_vectors() && (takes_vectors(func) || !func.vector_moves().empty());
}

const uint8_t* make_vector_code(const wasm::ValidatedFunc& func, uint8_t* first) {
  for (const uint32_t offset : func.vector_moves()) {
    uint8_t& opcode = first[offset - func.body().code.offset];
    opcode = of_vectors(opcode);
  }
  if (!takes_vectors(func)) return first;
  first[-1] = kEnterVectors;
  return first - 1;
}

}  // namespace cordon::runtime
