// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors for x86-64: what each vector row is, in three-operand instructions where there is AVX,
// else in those of SSE4.2. Read through core/jit/masm/vectors.h.
//
// A method is named like its row. Operands: the result's register, the row's operands in their
// order, then temporaries, which are registers of their own. The result may be an operand's
// register: it is written after the operands have been read. kFScratch may be lost.
#pragma once

#include <array>

#include "core/jit/masm/masm.h"

namespace cordon::jit::masm {

// The rows of vector_ops.def, and whether one takes its operands the other way round. `folds`: its
// right operand may be in memory.
enum class VectorBinary : uint8_t {
#define VECTOR_BINARY(row) row,
#include "core/jit/masm/vector_binary.def"
};
enum class OperandOrder : uint8_t { Same, Exchanged };
constexpr OperandOrder order_of(VectorBinary op) {
  constexpr OperandOrder kOrders[] = {
#define BINARY(row, instruction, order) OperandOrder::order,
#define FLOATS(row, instruction, width, order) OperandOrder::order,
#define COMPARE(row, width, predicate, order) OperandOrder::order,
#include "core/jit/masm/x64/vector_ops.def"
  };
  return kOrders[static_cast<size_t>(op)];
}

// A vector as its bytes, in the order of memory.
using VectorBytes = std::array<uint8_t, 16>;
// All lanes of so many bytes are the low ones of `bits`.
constexpr VectorBytes splatted(unsigned bytes, uint64_t bits) {
  VectorBytes value{};
  for (unsigned i = 0; i < value.size(); ++i) {
    value[i] = static_cast<uint8_t>(bits >> (8 * (i % bytes)));
  }
  return value;
}
// How wide the lanes of an operation on integers are.
enum class Lane : uint8_t { I8, I16, I32, I64 };
enum class Half : uint8_t { Low, High };

// Shares the assembler and the facts of the macro assembler that it is made with.
class Vectors {
 public:
  explicit Vectors(MacroAssembler& masm);

  // A constant is its own number: 0 is the vector of zeroes.
  uint64_t constant(const VectorBytes& value);
  VectorBytes value_of(uint64_t constant) const;
  // Whether an operand in memory costs less than a load.
  bool folds() const { return avx_; }

  void binary(VectorBinary op, FReg dst, FReg lhs, const Operand& rhs);

  // Integers
  void not_(FReg dst, FReg src);
  void bitselect(FReg dst, FReg a, FReg b, FReg mask, FReg t);
  template <Lane kLane>
  void ne(FReg dst, FReg lhs, FReg rhs, FReg t);
  template <Lane kLane>
  void le_s(FReg dst, FReg lhs, FReg rhs, FReg t);
  template <Lane kLane>
  void ge_s(FReg dst, FReg lhs, FReg rhs, FReg t);
  template <Lane kLane>
  void lt_u(FReg dst, FReg lhs, FReg rhs, FReg t);
  template <Lane kLane>
  void gt_u(FReg dst, FReg lhs, FReg rhs, FReg t);
  template <Lane kLane>
  void le_u(FReg dst, FReg lhs, FReg rhs, FReg t);
  template <Lane kLane>
  void ge_u(FReg dst, FReg lhs, FReg rhs, FReg t);
  template <Lane kLane>
  void abs(FReg dst, FReg src, FReg t);
  template <Lane kLane>
  void neg(FReg dst, FReg src, FReg t);
  void popcnt(FReg dst, FReg src, FReg t, FReg u);
  void i64x2_mul(FReg dst, FReg lhs, FReg rhs, FReg t);
  void q15mulr(FReg dst, FReg lhs, FReg rhs, FReg t);
  void dot_i8x16(FReg dst, FReg lhs, FReg rhs, FReg t, FReg u);
  void dot_i8x16_add(FReg dst, FReg lhs, FReg rhs, FReg addend, FReg t, FReg u);
  // `lane` is that of the operands; the result's is twice as wide.
  template <Lane kLane, bool kSigned, Half kHalf>
  void extmul(FReg dst, FReg lhs, FReg rhs, FReg t);
  template <Lane kLane, bool kSigned>
  void extadd_pairwise(FReg dst, FReg src, FReg t);
  template <Lane kLane, bool kSigned, Half kHalf>
  void extend(FReg dst, FReg src);

  // Shifts: by a constant below the lane's width, by a register modulo it.
  void shift(Shift op, Lane lane, FReg dst, FReg src, unsigned count, FReg t, FReg u);
  void shift(Shift op, Lane lane, FReg dst, FReg src, Reg count, FReg t, FReg u);

  // Tests. After the first two flags say Ne if any bit is set, and Eq if no lane is zero.
  void any_true(FReg src);
  template <Lane kLane>
  void all_true(FReg src, FReg t);
  template <Lane kLane>
  void bitmask(Reg dst, FReg src);

  // Floats
  template <FSize kSize>
  void min(FReg dst, FReg lhs, FReg rhs, FReg t, FReg u);
  template <FSize kSize>
  void max(FReg dst, FReg lhs, FReg rhs, FReg t, FReg u);
  template <FSize kSize, FUnary kOp>
  void funary(FReg dst, FReg src);
  template <FSize kSize>
  void madd(FReg dst, FReg a, FReg b, FReg c, FReg t);
  template <FSize kSize>
  void nmadd(FReg dst, FReg a, FReg b, FReg c, FReg t);
  void trunc_sat_f32x4_s(FReg dst, FReg src, FReg t);
  void trunc_sat_f32x4_u(FReg dst, FReg src, FReg t, FReg u);
  void trunc_sat_f64x2_s_zero(FReg dst, FReg src, FReg t);
  void trunc_sat_f64x2_u_zero(FReg dst, FReg src, FReg t);
  void f32x4_convert_i32x4_s(FReg dst, FReg src);
  void f32x4_convert_i32x4_u(FReg dst, FReg src, FReg t);
  void f64x2_convert_low_i32x4_s(FReg dst, FReg src);
  void f64x2_convert_low_i32x4_u(FReg dst, FReg src, FReg t);
  void demote(FReg dst, FReg src);
  void promote(FReg dst, FReg src);

  // Lanes
  void splat(Lane lane, FReg dst, Reg src);
  void splat(FSize size, FReg dst, FReg src);
  void extract(Lane lane, bool is_signed, Reg dst, FReg src, unsigned index);
  void extract(FSize size, FReg dst, FReg src, unsigned index);
  void replace(Lane lane, FReg dst, FReg vector, Reg src, unsigned index);
  void replace(FSize size, FReg dst, FReg vector, FReg src, unsigned index);
  void swizzle(FReg dst, FReg lhs, FReg rhs, FReg t);
  void swizzle(FReg dst, FReg lhs, const VectorBytes& indices);
  void shuffle(FReg dst, FReg lhs, FReg rhs, const VectorBytes& lanes, FReg t);

  // Linear memory [M1]: `lane` is the type in memory.
  void load_extend(Lane lane, bool is_signed, FReg dst, HeapAddress from);
  void load_splat(Lane lane, FReg dst, HeapAddress from);
  void load_lane(Lane lane, FReg dst, FReg vector, HeapAddress from, unsigned index);
  void store_lane(Lane lane, HeapAddress to, FReg src, unsigned index);

 private:
  void load_constant(FReg dst, const VectorBytes& value);
  template <class T>
  void load_lanes(FReg dst, T value);
  void load_ones(FReg dst);
  void load_zero(FReg dst);
  void count_to_scratch(Reg count, unsigned mask, unsigned more);
  void shift_i8(Shift op, FReg dst, FReg src, unsigned count, FReg t, FReg u);
  void shift_i8(Shift op, FReg dst, FReg src, Reg count, FReg t, FReg u);
  void shift_i64_s(FReg dst, FReg src, FReg t, FReg u);
  void bytes(FReg dst, FReg src, const VectorBytes& lanes);
  bool shuffle_one(FReg dst, FReg src, const VectorBytes& lanes);
  bool shuffle_two(FReg dst, FReg lhs, FReg rhs, const VectorBytes& lanes);

  MacroAssembler& masm_;
  x64::Assembler& asm_;
  const bool avx_, avx2_;
};

}  // namespace cordon::jit::masm
