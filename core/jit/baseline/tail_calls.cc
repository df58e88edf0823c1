// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tail calls: rows of Compiler. Arguments go where the callee wants them: those that pass in memory
// into this function's own window, which in such a module is large enough for every callee
// (docs/decisions/tail-calls.md). No value is read from there after the prologue, so they may go
// one by one. Nothing else outlives the call, so nothing is saved.
#include "core/jit/baseline/compiler.h"
#include "core/jit/baseline/operands_inl.h"

namespace cordon::jit::baseline {

// The size of the frame comes back, which the call gives back.
uint32_t Compiler::place_tail_arguments(const wasm::FuncType& type) {
  frame_.rely_on_size();
  calls_.place_arguments(type, frame_.incoming(0));
  return frame_.rely_on_size();
}

void Compiler::return_call(const wasm::immediate::Func& operands) {
  const uint32_t func = operands.func.value;
  const wasm::TypeIdx type = module_.funcs[func];
  const uint32_t frame = place_tail_arguments(module_.types[type.value]);
  const uint32_t params_u32 = shapes_[type].params_u32;
  if (func < module_.imported_funcs) {
    masm_.return_call_import(func, params_u32, frame);
  } else if (!is_reached(func)) {
    masm_.return_call_own(func, params_u32, frame);
  } else {
    masm_.return_call(func, params_u32, frame);
  }
  blocks_.leave();
}

void Compiler::return_call_indirect(const wasm::immediate::CallIndirect& operands) {
  Value index = operands_.pop();
  operands_.move_to(index, masm::kIndex);
  const uint32_t frame = place_tail_arguments(module_.types[operands.type.value]);
  masm_.return_call_indirect(plan_.table(operands.table.value), plan_.type_id(operands.type.value),
                             shapes_[operands.type].params_u32, frame);
  operands_.unlock(masm::kIndex);
  blocks_.leave();
}

}  // namespace cordon::jit::baseline
