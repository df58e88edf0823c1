// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Registers as the compilers see them: numbers without a meaning, and their roles as lists. Each
// register is in exactly one of three states: a role that is not to be allocated (context, memory
// base, stack, scratch), one of kPinnable (homes of hot locals, in the order of their cost), or a
// temporary. What a compiler must know of the machine beyond that is said here as a constant, never
// as a name.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "core/abi/convention.h"

namespace cordon::jit::masm {

enum class Reg : uint8_t { none = 0xFF };   // holds i32, i64 and references
enum class FReg : uint8_t { none = 0xFF };  // holds f32 and f64

constexpr Reg reg(uint8_t number) { return static_cast<Reg>(number); }
constexpr FReg freg(uint8_t number) { return static_cast<FReg>(number); }
constexpr unsigned number(Reg r) { return static_cast<unsigned>(r); }
constexpr unsigned number(FReg r) { return static_cast<unsigned>(r); }
constexpr uint32_t bit(Reg r) { return uint32_t{1} << number(r); }
constexpr uint32_t bit(FReg r) { return uint32_t{1} << number(r); }

// rsi rdi rbx rbp come first, since they need no prefix in 32-bit instructions; then r8 r9 r12 r13.
inline constexpr std::array<Reg, 8> kPinnable = {reg(6), reg(7), reg(3),  reg(5),
                                                 reg(8), reg(9), reg(12), reg(13)};
inline constexpr std::array<FReg, 10> kFPinnable = {freg(2), freg(3), freg(4), freg(5),  freg(6),
                                                    freg(7), freg(8), freg(9), freg(10), freg(11)};
// rax rcx rdx r10, and of floats 0 1 12 13 14.
inline constexpr uint32_t kTemps = 1u << 0 | 1u << 1 | 1u << 2 | 1u << 10;
inline constexpr uint32_t kFTemps = 1u << 0 | 1u << 1 | 7u << 12;

// Never allocated: masm may overwrite them in any operation.
inline constexpr Reg kScratch = reg(11);
inline constexpr FReg kFScratch = freg(15);

inline constexpr Reg kResult = reg(abi::kIntResult);
inline constexpr FReg kFResult = freg(abi::kFloatResult);
// Where call_indirect and br_table want their index.
inline constexpr Reg kIndex = reg(10);
// A shift by a register that is not kFlexible (see MacroAssembler::shift_is_flexible) has its count
// here.
inline constexpr Reg kShiftCount = reg(1);
// Division: the dividend, which becomes the quotient, and the register that becomes the remainder.
inline constexpr Reg kDividend = reg(0);
inline constexpr Reg kRemainder = reg(2);

}  // namespace cordon::jit::masm
