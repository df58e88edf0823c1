// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One function lists the constant instructions; all other rows of the table are refused.
#include "core/wasm/validate_const_expr.h"

#include <string>

namespace cordon::wasm {

template <Op kOp, class Immediates>
void ConstExprValidator::row([[maybe_unused]] const Immediates& operands) {
  if constexpr (kOp == Op::end) {
    ended_ = true;
  } else if constexpr (kOp == Op::i32_const) {
    stack_.push_back(ValType::i32);
  } else if constexpr (kOp == Op::i64_const) {
    stack_.push_back(ValType::i64);
  } else if constexpr (kOp == Op::f32_const) {
    stack_.push_back(ValType::f32);
  } else if constexpr (kOp == Op::f64_const) {
    stack_.push_back(ValType::f64);
  } else if constexpr (kOp == Op::v128_const) {
    stack_.push_back(ValType::v128);
  } else if constexpr (kOp == Op::ref_null) {
    stack_.push_back(operands.type);
  } else if constexpr (kOp == Op::ref_func) {
    reference(operands.func);
  } else if constexpr (kOp == Op::global_get) {
    global_value(operands.global);
  } else if constexpr (kOp == Op::i32_add || kOp == Op::i32_sub || kOp == Op::i32_mul) {
    extended(ValType::i32);
  } else if constexpr (kOp == Op::i64_add || kOp == Op::i64_sub || kOp == Op::i64_mul) {
    extended(ValType::i64);
  } else {
    refuse(diag::constant_required);
  }
}

ConstExprValidator::ConstExprValidator(const Module& module, std::vector<bool>& declared)
    : module_(module),
      declared_(declared),
      cursor_(module.bytes(), {}),
      reader_(cursor_, module.features) {}

Result<void> ConstExprValidator::validate(const ConstExpr& expr, ValType expected) {
  cursor_ = Cursor(module_.bytes(), expr.range);
  stack_.clear();
  ended_ = false;
  while (cursor_.ok() && !ended_) {
    op_offset_ = cursor_.offset();
    reader_.next(*this);
  }
  if (cursor_.ok() && (stack_.size() != 1 || !matches(stack_[0], expected))) {
    refuse(diag::type_mismatch, "expected one constant of type " + std::string(name_of(expected)));
  }
  if (cursor_.ok() && !cursor_.at_end()) {
    cursor_.fail(diag::constant_required, cursor_.offset());
  }
  return cursor_.result();
}

void ConstExprValidator::refuse(const DiagnosticKind& kind, std::string detail) {
  cursor_.fail(kind, op_offset_, std::move(detail));
}

// Only imported globals may be used (spec §3.4.10, the context C').
void ConstExprValidator::global_value(GlobalIdx global) {
  if (global.value >= module_.imported_globals) {
    return refuse(diag::unknown_global, std::to_string(global.value));
  }
  const GlobalType& type = module_.globals[global.value].type;
  if (type.is_mutable) return refuse(diag::constant_required);
  stack_.push_back(type.value);
}

void ConstExprValidator::reference(FuncIdx func) {
  if (func.value >= module_.funcs.size()) {
    return refuse(diag::unknown_function, std::to_string(func.value));
  }
  declared_[func.value] = true;
  stack_.push_back(ValType::funcref);
}

void ConstExprValidator::extended(ValType type) {
  if (!module_.features.has(Feature::extended_const)) return refuse(diag::constant_required);
  const size_t size = stack_.size();
  if (size < 2 || stack_[size - 1] != type || stack_[size - 2] != type) {
    return refuse(diag::type_mismatch,
                  "expected two constants of type " + std::string(name_of(type)));
  }
  stack_.pop_back();
}

}  // namespace cordon::wasm
