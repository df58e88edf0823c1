// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The machine's names for the macro assembler's: used inside of core/jit/masm alone.
#pragma once

#include "core/asm/x64/assembler.h"
#include "core/jit/masm/operand.h"

namespace cordon::jit::masm {

// The same thing under the assembler's name; numbers agree. bits_width() is that of the bits of a
// float as an integer.
constexpr x64::Gpr gpr(Reg r) { return static_cast<x64::Gpr>(r); }
constexpr x64::Xmm xmm(FReg r) { return static_cast<x64::Xmm>(r); }
constexpr x64::Width width(Size size) { return size == Size::S32 ? x64::W32 : x64::W64; }
constexpr x64::FloatWidth fwidth(FSize size) { return size == FSize::F32 ? x64::F32 : x64::F64; }
constexpr x64::Width bits_width(FSize size) { return size == FSize::F32 ? x64::W32 : x64::W64; }

}  // namespace cordon::jit::masm
