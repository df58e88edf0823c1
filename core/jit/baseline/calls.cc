// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls of functions: rows of Compiler.
#include "core/jit/baseline/compiler.h"
#include "core/jit/baseline/operands_inl.h"

namespace cordon::jit::baseline {

namespace {

bool gives_i32(const wasm::FuncType& type) {
  return !type.results.empty() && type.results[0] == ValType::i32;
}

}  // namespace

// `func` is not imported.
bool Compiler::is_reached(uint32_t func) const {
  return options_.reached == nullptr || (*options_.reached)[func - module_.imported_funcs];
}

void Compiler::call(const wasm::immediate::Func& operands) {
  const uint32_t func = operands.func.value;
  const wasm::TypeIdx index = module_.funcs[func];
  const wasm::FuncType& type = module_.types[index.value];
  if (func < module_.imported_funcs) return calls_.call_import(func, type);
  calls_.begin(static_cast<uint32_t>(type.params.size()));
  calls_.place_arguments(type);
  const CallShape& shape = shapes_[index];
  if (is_reached(func)) {
    masm_.call(func, shape.params_u32, gives_i32(type));
  } else {
    masm_.call_own(func, shape.params_u32, gives_i32(type));
  }
  calls_.push_results(type);
}

void Compiler::call_indirect(const wasm::immediate::CallIndirect& operands) {
  const wasm::FuncType& type = module_.types[operands.type.value];
  const CallShape& shape = shapes_[operands.type];
  calls_.begin(static_cast<uint32_t>(type.params.size()) + 1);
  Value index = operands_.pop();
  operands_.move_to(index, masm::kIndex);
  calls_.place_arguments(type);
  masm_.call_indirect(plan_.table(operands.table.value), plan_.type_id(operands.type.value),
                      shape.params_u32, gives_i32(type));
  operands_.unlock(masm::kIndex);
  calls_.push_results(type);
}

}  // namespace cordon::jit::baseline
