// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vocabulary of the macro assembler: sizes, operations, tests, and the operand that an operation
// may take from somewhere other than a register.
#pragma once

#include <cstdint>

#include "core/asm/label.h"
#include "core/jit/masm/heap_access.h"
#include "core/jit/masm/registers.h"

namespace cordon::jit::masm {

enum class Size : uint8_t { S32, S64 };  // of integers
// The size of a float, or of a vector, which lives in a register for floats: moves, loads and
// stores have it, arithmetic has not.
enum class FSize : uint8_t { F32, F64, V128 };
// Operations by the names of the specification (spec §4.3.2), on both sizes. Shifts and rotations
// take their count modulo the size.
enum class Alu : uint8_t { Add, Sub, And, Or, Xor };
enum class Shift : uint8_t { Shl, ShrS, ShrU, Rotl, Rotr };
enum class Count : uint8_t { LeadingZeros, TrailingZeros, Ones };
enum class Div : uint8_t { DivS, DivU, RemS, RemU };
struct DivFacts {  // of a divisor
  bool may_be_zero = true, may_be_minus_one = true;
};
// Operations on floats (spec §4.3.3).
enum class FBinary : uint8_t { Add, Sub, Mul, Div };
enum class FUnary : uint8_t { Ceil, Floor, Trunc, Nearest, Sqrt, Abs, Neg };

// What a comparison leaves in the flags. The F ones come from fcompare: FNotGt is true of NaN.
enum class Test : uint8_t {
  Eq,
  Ne,
  LtS,
  GeS,
  LtU,
  GeU,
  GtS,
  LeS,
  GtU,
  LeU,
  FEq,
  FNe,
  FGt,
  FNotGt,
  FGe,
  FNotGe
};
constexpr Test negate(Test test) { return static_cast<Test>(static_cast<uint8_t>(test) ^ 1); }

// The right operand of an operation. `frame` is a distance from the stack pointer.
struct Operand {
  // Which field holds the operand: `number` for registers, `constant`, `frame` (of Pool: where in
  // the constant pool) or `heap`.
  enum class Kind : uint8_t { Reg, FReg, Const, Frame, Heap, Pool } kind;
  uint8_t number = 0;
  uint32_t frame = 0;
  int64_t constant = 0;
  HeapAddress heap = {};

  // Makers, one for each kind. A constant is sign-extended; `at` of in_frame() is in bytes from the
  // stack pointer.
  static Operand of(Reg r) { return {Kind::Reg, static_cast<uint8_t>(r)}; }
  static Operand of(FReg r) { return {Kind::FReg, static_cast<uint8_t>(r)}; }
  static Operand of_constant(int64_t value) { return {Kind::Const, 0, 0, value}; }
  static Operand in_frame(uint32_t at) { return {Kind::Frame, 0, at}; }
  static Operand in_heap(HeapAddress at) { return {Kind::Heap, 0, 0, 0, at}; }
  static Operand in_pool(uint32_t at) { return {Kind::Pool, 0, at}; }
  // REQUIRES: the operand is of that kind.
  Reg as_reg() const { return static_cast<Reg>(number); }
  FReg as_freg() const { return static_cast<FReg>(number); }
  // Whether it is of this kind.
  bool is(Kind k) const { return kind == k; }
};

// A place that several branches lead to. The set of registers known to be u32 there
// (docs/generated-code.md, section 1) is what all branches to it have in common.
struct Join {
  emit::Label label;
  uint32_t u32 = ~uint32_t{0};
  bool used = false;

  // Some code that comes later brings these facts along, and no others.
  void await(uint32_t facts) {
    u32 &= facts;
    used = true;
  }
};

}  // namespace cordon::jit::masm
