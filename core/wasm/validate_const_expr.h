// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ConstExprValidator: constant expressions (spec §3.3.10): initial values of globals, offsets of
// segments, and elements. With Feature::extended_const also add, sub and mul of i32 and i64. Used
// by validate_module, for one expression after the other.
#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/wasm/cursor.h"
#include "core/wasm/decode_op.h"
#include "core/wasm/module.h"

namespace cordon::wasm {

// Reused for each expression; between two of them it keeps only the flags in `declared`.
class ConstExprValidator {
 public:
  // `declared` has a flag for each function; a function that an expression names is marked there
  // (C.refs). Both outlive this.
  ConstExprValidator(const Module& module, std::vector<bool>& declared);

  // Whether `expr` is constant and gives one value of type `expected`.
  Result<void> validate(const ConstExpr& expr, ValType expected);

 private:
  friend OpReader;

#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const immediate::imm& operands) { row<Op::ident>(operands); }
#include "core/wasm/opcodes.def"

  template <Op kOp, class Immediates>
  void row(const Immediates& operands);
  void global_value(GlobalIdx global);
  void reference(FuncIdx func);
  void extended(ValType type);
  void refuse(const DiagnosticKind& kind, std::string detail = {});

  const Module& module_;
  std::vector<bool>& declared_;
  Cursor cursor_;
  OpReader reader_;
  std::vector<ValType> stack_;
  uint32_t op_offset_ = 0;  // of the current instruction
  bool ended_ = false;
};

}  // namespace cordon::wasm
