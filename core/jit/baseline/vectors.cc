// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vector instructions: functions that have them are refused before they come here (core/jit/code).
#include "core/base/check.h"
#include "core/jit/baseline/compiler.h"

namespace cordon::jit::baseline {

#define OP(code, ident, text, imm, feature, kind, effect) \
  void Compiler::ident(const wasm::immediate::imm&) { CHECK(false); }
#define CORDON_VECTOR_ROWS
#include "core/wasm/opcodes.def"

}  // namespace cordon::jit::baseline
