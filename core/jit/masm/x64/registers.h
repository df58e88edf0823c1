// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The roles of x86-64's registers for the compilers. Read through core/jit/masm/registers.h.
#pragma once

#include <array>

#include "core/jit/masm/reg.h"

namespace cordon::jit::masm {

// rsi rdi rbx rbp come first, since they need no prefix in 32-bit instructions; then r8 r9 r12 r13.
inline constexpr std::array<Reg, 8> kPinnable = {reg(6), reg(7), reg(3),  reg(5),
                                                 reg(8), reg(9), reg(12), reg(13)};
inline constexpr std::array<FReg, 10> kFPinnable = {freg(2), freg(3), freg(4), freg(5),  freg(6),
                                                    freg(7), freg(8), freg(9), freg(10), freg(11)};
// rax rcx rdx r10, and of floats 0 1 12 13 14.
inline constexpr uint32_t kTemps = 1u << 0 | 1u << 1 | 1u << 2 | 1u << 10;
inline constexpr uint32_t kFTemps = 1u << 0 | 1u << 1 | 7u << 12;

// Never allocated: the macro assembler may overwrite them in any operation.
inline constexpr Reg kScratch = reg(11);
inline constexpr FReg kFScratch = freg(15);

// The register for the index of call_indirect and br_table.
inline constexpr Reg kIndex = reg(10);
// A shift by a register that is not flexible (see shift_is_flexible) has its count here.
inline constexpr Reg kShiftCount = reg(1);
// Division: the dividend, which becomes the quotient, and the register that becomes the remainder.
inline constexpr Reg kDividend = reg(0);
inline constexpr Reg kRemainder = reg(2);

}  // namespace cordon::jit::masm
