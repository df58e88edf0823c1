// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Assembler: x86-64 machine code into a CodeBuffer. This is the header for those who generate code.
//
//     Assembler a(CodeBuffer(64 << 20));
//     Label loop = a.new_label();
//     a.mov(W32, rcx, 10);
//     a.bind(loop);
//     a.add(W64, rax, mem(r15, rcx, 8));       // add rax, [r15 + rcx + 8]
//     a.sub(W32, rcx, 1);
//     a.jcc(Cond::NotEqual, loop);             // two bytes, since loop is bound and near
//     a.ret();
//     ByteSpan code = TRY(a.finish());
//
// Emitters. Every row of forms.def is one method, named like the instruction, operands in Intel's
// order: destination first. Widths come before them: a.add(W32, ...), a.adds(F64, ...) for addsd,
// a.cvtsi2s(F64, W32, xmm0, rax). An overload that does not exist does not compile. Operands
// (registers, mem(), rip(), Cond) are in operands.h. and, or, xor, not are and_, or_, xor_, not_.
//
// Immediates are int64_t, checked against the width. A width's signed and unsigned values are both
// accepted (0xFFFFFFFF and -1 are the same for W32), but a W64 immediate is sign-extended from 32
// bits and must fit these. The 8-bit form is chosen automatically if there is one.
//
// Failure ([E1]). Emitters return nothing. The first one that cannot encode its instruction (no
// room, a width the form has not, no register, a bad memory operand, an immediate too large, an
// invalid label) records the error, and neither it nor any later one emits anything. So a compile
// runs to its end and checks finish(). Nothing here depends on the CPU's features: the caller knows
// whether lzcnt, BMI or AVX are available.
//
// Cost: one comparison for room an instruction, stores, no allocation (labels: amortized none).
#pragma once

#include <utility>

#include "core/asm/assembler_base.h"
#include "core/asm/x64/emitter_macros.h"
#include "core/asm/x64/encode.h"
#include "core/asm/x64/form.h"
#include "core/asm/x64/operands.h"

namespace cordon::x64 {

using emit::CodeBuffer;

// The reach of a branch to a label that is not bound yet. For bound labels the shortest form is
// chosen.
enum class Reach : uint8_t { Any, Short };

// Owns its CodeBuffer. An emitter that fails marks the buffer failed; all later ones do
// nothing.
class Assembler : public emit::AssemblerBase {
 public:
  // Takes ownership of the buffer.
  explicit Assembler(CodeBuffer buffer) : AssemblerBase(std::move(buffer)) {}

  // clang-format off
#define FORM(name, shape, sizing, encoding, ...)             \
  [[gnu::always_inline]] void name(X64_SIZING_##sizing X64_SHAPE_##shape) {         \
    Parts parts;                                             \
    X64_TAKE_SIZING_##sizing                                 \
    X64_TAKE_##shape                                         \
    emit<encoding, shape_of(#shape), Sizing::sizing>(parts); \
  }
// clang-format on
#define X64_BRANCH_PARAM_N
#define X64_BRANCH_PARAM_C Cond cond,
#define X64_BRANCH_COND_N uint8_t{0}
#define X64_BRANCH_COND_C static_cast<uint8_t>(cond)
#define BRANCH(name, condition, short_opcode, near, mnemonic)                               \
  /* To a label. Short: an error of the compile if the label turns out beyond 127 bytes. */ \
  void name(X64_BRANCH_PARAM_##condition Label target, Reach reach = Reach::Any) {          \
    branch({short_opcode, near}, X64_BRANCH_COND_##condition, target, reach);               \
  }                                                                                         \
  void name(X64_BRANCH_PARAM_##condition External target) {                                 \
    branch({short_opcode, near}, X64_BRANCH_COND_##condition, target);                      \
  }
#include "core/asm/x64/forms.def"
#undef X64_BRANCH_PARAM_N
#undef X64_BRANCH_PARAM_C
#undef X64_BRANCH_COND_N
#undef X64_BRANCH_COND_C

  // A constant by its shortest encoding; W32 (clears the upper half) or W64. Keeps the flags.
  void mov(Width w, Gpr dst, int64_t imm);
  // `bytes` bytes of no-operations, in as few instructions as possible.
  void nop(uint32_t bytes);
  // Pads to a multiple of `boundary`, a power of two. Int3 where control never comes.
  enum class Fill : uint8_t { Nop, Int3 };
  void align(uint32_t boundary, Fill fill);
  // Overwrites the 32-bit immediate or displacement at `field`: offset() - 4 right after a *_wide
  // form, or after a form with mem_disp32() and no immediate.
  void patch32(uint32_t field, int32_t value) {
    buffer_.patch32(field, static_cast<uint32_t>(value));
  }

 private:
  struct BranchForms {
    uint8_t short_opcode;
    Encoding near;
  };

  template <Encoding kForm, Shape kShape, Sizing kSizing>
  [[gnu::always_inline]] void emit(Parts& parts);
  // Records why the instruction cannot be encoded.
  template <Sizing kSizing>
  [[gnu::cold, gnu::noinline]] void refuse(const Parts& parts);
  // Records that a rip-relative operand was emitted, whose displacement ends at `disp_end`.
  void refer(const Mem::Encoded& mem, uint32_t disp_end);
  void branch(const BranchForms& forms, uint8_t cond, Label target, Reach reach);
  void branch(const BranchForms& forms, uint8_t cond, External target);
  // The instruction with an empty 32-bit distance at its end; false after a failure.
  bool put_near(const Encoding& near, uint8_t cond);
};

// All operands are checked at once. For constants of the caller the checks cost nothing.
template <Encoding kForm, Shape kShape, Sizing kSizing>
inline void Assembler::emit(Parts& parts) {
  bool shortened = false;
  bool ok = (parts.reg | parts.rm | parts.vvvv) <= 15;  // [E1]
  ok &= has_width(kSizing, parts.width) & (parts.float_width <= F64) & (parts.cond <= 15);
  ok &= prepare_imm<kForm>(parts.width, parts.imm, shortened);
  if constexpr (kShape.memory) ok &= parts.mem.kind != Mem::kInvalid;
  if (!ok) [[unlikely]] {
    // A copy, so that `parts` itself stays in registers.
    return refuse<kSizing>(Parts(parts));
  }
  uint8_t* const start = buffer_.reserve();
  if (start == nullptr) [[unlikely]]
    return;
  if constexpr (!kShape.memory) {
    buffer_.commit(encode_registers<kForm, kShape, kSizing>(start, parts, shortened));
  } else {
    uint8_t* disp_end;
    uint8_t* const end = encode_memory<kForm, kShape, kSizing>(start, parts, shortened, disp_end);
    buffer_.commit(end);
    if (parts.mem.kind != Mem::kRegisters) [[unlikely]] {
      refer(Mem::Encoded(parts.mem), buffer_.offset() - static_cast<uint32_t>(end - disp_end));
    }
  }
}

template <Sizing kSizing>
void Assembler::refuse(const Parts& parts) {
  namespace diag = emit::diag;
  if ((parts.reg | parts.rm | parts.vvvv) > 15) return fail(diag::no_such_register);
  if (!has_width(kSizing, parts.width) || parts.float_width > F64 || parts.cond > 15) {
    return fail(diag::no_such_form);
  }
  if (parts.mem.kind == Mem::kInvalid) return fail(diag::bad_memory_operand);
  fail(diag::immediate_too_large);
}

}  // namespace cordon::x64
