// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A register as the compilers hold one: the hardware's number, general or for floats. The roles are
// in registers.h.
#pragma once

#include <cstdint>

namespace cordon::jit::masm {

enum class Reg : uint8_t { none = 0xFF };   // holds i32, i64 and references
enum class FReg : uint8_t { none = 0xFF };  // holds f32 and f64

// Between a register and its hardware number, and its bit in a set of registers. REQUIRES of
// number() and bit(): not `none`.
constexpr Reg reg(uint8_t number) { return static_cast<Reg>(number); }
constexpr FReg freg(uint8_t number) { return static_cast<FReg>(number); }
constexpr unsigned number(Reg r) { return static_cast<unsigned>(r); }
constexpr unsigned number(FReg r) { return static_cast<unsigned>(r); }
constexpr uint32_t bit(Reg r) { return uint32_t{1} << number(r); }
constexpr uint32_t bit(FReg r) { return uint32_t{1} << number(r); }

}  // namespace cordon::jit::masm
