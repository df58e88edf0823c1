// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of FuncValidator for calls that replace their caller (spec of 3.0 §3.4.10).
#include <algorithm>

#include "core/wasm/call_slots.h"
#include "core/wasm/validate_func_inl.h"

namespace cordon::wasm {

void FuncValidator::return_call(const immediate::Func& operands) {
  const uint32_t index = operands.func.value;
  if (index >= module_.funcs.size()) return refuse_index(diag::unknown_function, index);
  tail_call(module_.funcs[index]);
}

void FuncValidator::return_call_indirect(const immediate::CallIndirect& operands) {
  if (!calls_by_table(operands) || !pop(ValType::i32)) return;
  tail_call(operands.type);
}

// The callee's results are this function's results. [S1] What the callee takes in memory is in
// the window that the caller of this function has made, so the frame here has no room for it.
void FuncValidator::tail_call(TypeIdx type) {
  const std::span<const ValType> given = slot_types_.of(type).results;
  if (!std::ranges::equal(given, blocks_.body().results, matches)) {
    return refuse(diag::type_mismatch, "the callee's results are not those of this function");
  }
  tail_slots_ = std::max(tail_slots_, call_slots(module_.types[type.value]));
  apply(type);
  if (operands_.too_high()) too_many_operands();
  leave();
}

}  // namespace cordon::wasm
