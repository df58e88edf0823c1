// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Assembler: AArch64 machine code into a CodeBuffer, by the rules of core/asm/x64/assembler.h:
// every row of forms.def is one method, operands in Arm's order, destination first, the width
// before them; what cannot be encoded is an error of the compile and emits nothing ([E1]).
//
//     Assembler a(CodeBuffer(64 << 20));
//     Label loop = a.new_label();
//     a.mov(W64, x1, 10);
//     a.bind(loop);
//     a.ldr(W32, x2, {x28, 16});               // ldr w2, [x28, #16]
//     a.sub(W64, x1, x1, 1);
//     a.cmp(W64, x1, 0);
//     a.b(Cond::NotEqual, loop);
//     a.ret(x30);
//     ByteSpan code = TRY(a.finish());
#pragma once

#include <utility>

#include "core/asm/arm64/emitter_macros.h"
#include "core/asm/arm64/operands.h"
#include "core/asm/arm64/word.h"
#include "core/asm/assembler_base.h"

namespace cordon::arm64 {

using emit::CodeBuffer;

class Assembler : public emit::AssemblerBase {
 public:
  // Takes ownership of the buffer.
  explicit Assembler(CodeBuffer buffer) : AssemblerBase(std::move(buffer)) {}

  // clang-format off
#define FORM(name, shape, sizing, bits, mnemonic)       \
  void name(ARM64_SIZING_##sizing ARM64_SHAPE_##shape) { \
    Word word(bits);                                    \
    ARM64_PUT_SIZING_##sizing                           \
    ARM64_PUT_##shape                                   \
    emit(word);                                         \
  }
// clang-format on
#define ARM64_BRANCH_PARAM_N
#define ARM64_BRANCH_PARAM_C Cond cond,
#define ARM64_BRANCH_PUT_N
#define ARM64_BRANCH_PUT_C word.condition(cond);
#define BRANCH(name, condition, bits, field_bits, low, mnemonic)        \
  void name(ARM64_BRANCH_PARAM_##condition Label target) {              \
    Word word(bits);                                                    \
    ARM64_BRANCH_PUT_##condition branch(word, field_bits, low, target); \
  }
#include "core/asm/arm64/forms.def"
#undef ARM64_BRANCH_PARAM_N
#undef ARM64_BRANCH_PARAM_C
#undef ARM64_BRANCH_PUT_N
#undef ARM64_BRANCH_PUT_C

  // A constant in as few instructions as the wide moves allow; W32 takes a signed or an unsigned
  // value of 32 bits and clears the upper half.
  void mov(Width w, Gpr dst, int64_t imm);
  // Pads with nops to a multiple of `boundary`, a power of two and at least 4.
  void align(uint32_t boundary);

 private:
  static constexpr uint32_t kWordSize = 4;

  void emit(const Word& word);
  // A branch whose distance, in words, has `bits` bits from bit `low` on.
  void branch(const Word& word, uint8_t bits, uint8_t low, Label target);
};

}  // namespace cordon::arm64
