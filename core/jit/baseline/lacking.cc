// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rows of features that the compiler lacks (core/wasm/features.def): validation for a compiler
// refuses a module that has one, so none comes here.
#include "core/base/check.h"
#include "core/jit/baseline/compiler.h"

namespace cordon::jit::baseline {

#define CONTROL(code, ident, text, imm, feature, kind, effect)              \
  void Compiler::ident(const wasm::immediate::imm&) {                       \
    static_assert(!wasm::Features::compiled().has(wasm::Feature::feature)); \
    CHECK(false);                                                           \
  }
#include "core/wasm/opcodes/exceptions.def"
#undef CONTROL

}  // namespace cordon::jit::baseline
