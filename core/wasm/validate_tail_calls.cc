// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of FuncValidator for calls that replace their caller (spec of 3.0 §3.4.10).
#include <string>

#include "core/wasm/call_slots.h"
#include "core/wasm/validate_func_inl.h"

namespace cordon::wasm {

void FuncValidator::return_call(const immediate::Func& operands) {
  const uint32_t index = operands.func.value;
  if (index >= module_.funcs.size()) return refuse_index(diag::unknown_function, index);
  const TypeIdx type_index = module_.funcs[index];
  const FuncType& type = module_.types[type_index.value];
  tail_call(type_index, index < module_.imported_funcs ? import_slots(type) : call_slots(type));
}

void FuncValidator::return_call_indirect(const immediate::CallIndirect& operands) {
  if (!calls_by_table(operands) || !pop(ValType::i32)) return;
  tail_call(operands.type, call_slots(module_.types[operands.type.value]));
}

// The callee's results are this function's results. [S1] A callee that is not run in place of its
// caller is called from this frame, so the frame has room for its results.
void FuncValidator::tail_call(TypeIdx type, uint32_t slots) {
  const std::span<const ValType> given = slot_types_.of(type).results;
  if (!std::ranges::equal(given, blocks_.body().results, matches)) {
    return refuse(diag::type_mismatch, "the callee's results are not those of this function");
  }
  note_call(slots);
  apply(type);
  if (operands_.too_high()) too_many_operands();
  leave();
}

}  // namespace cordon::wasm
