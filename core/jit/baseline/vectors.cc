// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vector rows of Compiler that only compute. Vectors selects a row's instructions
// (core/jit/masm/vectors.h); here its operands get registers.
#include <array>
#include <tuple>

#include "core/jit/baseline/compiler.h"
#include "core/jit/baseline/operands_inl.h"

namespace cordon::jit::baseline {

using masm::FUnary;
using masm::Half;
using masm::Lane;
using masm::Shift;
using masm::Test;
using masm::VectorBinary;
using masm::Vectors;

namespace {

// As many registers as `emit` has parameters of these types, locked until the end.
template <class... T>
class Temporaries {
 public:
  explicit Temporaries(Operands& operands) : operands_(operands) {
    for (FReg& r : all_) r = operands_.alloc<FReg>();
  }
  Temporaries(const Temporaries&) = delete;
  Temporaries& operator=(const Temporaries&) = delete;
  ~Temporaries() {
    for (const FReg r : all_) operands_.unlock(r);
  }
  // to(operands..., temporaries...)
  template <class To, class... Given>
  void pass(To to, Given... given) {
    std::apply([&](auto... r) { to(given..., r...); }, all_);
  }

 private:
  Operands& operands_;
  std::array<FReg, sizeof...(T)> all_;
};

}  // namespace

void Compiler::vector_binary(VectorBinary op) {
  Value &right = operands_.pop(), &left = operands_.pop();
  if (order_of(op) == masm::OperandOrder::Exchanged) std::swap(left, right);
  const FReg lhs = operands_.in<FReg>(left);
  const Operand rhs = operands_.right<FReg>(right);
  const FReg dst = operands_.result<FReg>(ValType::v128, &left);
  vectors_.binary(op, dst, lhs, rhs);
  operands_.release(left);
  operands_.release(right);
  operands_.push_result(ValType::v128, dst);
}

template <class... T>
void Compiler::vector_unary(void (Vectors::*emit)(FReg, FReg, T...)) {
  Value& value = operands_.pop();
  const FReg src = operands_.in<FReg>(value);
  Temporaries<T...> temporaries(operands_);
  const FReg dst = operands_.result<FReg>(ValType::v128, &value);
  temporaries.pass([&](auto... r) { (vectors_.*emit)(r...); }, dst, src);
  operands_.release(value);
  operands_.push_result(ValType::v128, dst);
}

template <class... T>
void Compiler::vector_pair(void (Vectors::*emit)(FReg, FReg, FReg, T...)) {
  Value &right = operands_.pop(), &left = operands_.pop();
  const FReg rhs = operands_.in<FReg>(right);
  const FReg lhs = operands_.in<FReg>(left);
  Temporaries<T...> temporaries(operands_);
  const FReg dst = operands_.result<FReg>(ValType::v128, &left, &right);
  temporaries.pass([&](auto... r) { (vectors_.*emit)(r...); }, dst, lhs, rhs);
  operands_.release(left);
  operands_.release(right);
  operands_.push_result(ValType::v128, dst);
}

template <class... T>
void Compiler::vector_triple(void (Vectors::*emit)(FReg, FReg, FReg, FReg, T...)) {
  Value &third = operands_.pop(), &second = operands_.pop(), &first = operands_.pop();
  const FReg c = operands_.in<FReg>(third);
  const FReg b = operands_.in<FReg>(second);
  // With two temporaries the result must reuse an operand's register: there are no more than five.
  const FReg a = sizeof...(T) > 1 ? operands_.own<FReg>(first) : operands_.in<FReg>(first);
  Temporaries<T...> temporaries(operands_);
  const FReg dst = operands_.result<FReg>(ValType::v128, &first, &second);
  temporaries.pass([&](auto... r) { (vectors_.*emit)(r...); }, dst, a, b, c);
  operands_.release(first);
  operands_.release(second);
  operands_.release(third);
  operands_.push_result(ValType::v128, dst);
}

template <class... T>
void Compiler::vector_test(Test test, void (Vectors::*emit)(FReg, T...)) {
  Value& value = operands_.pop();
  const FReg src = operands_.in<FReg>(value);
  {
    Temporaries<T...> temporaries(operands_);
    temporaries.pass([&](auto... r) { (vectors_.*emit)(r...); }, src);
  }
  operands_.release(value);
  finish_test(test);
}

void Compiler::vector_bitmask(void (Vectors::*emit)(Reg, FReg)) {
  Value& value = operands_.pop();
  const FReg src = operands_.in<FReg>(value);
  const Reg dst = operands_.result<Reg>(ValType::i32);
  (vectors_.*emit)(dst, src);
  operands_.release(value);
  operands_.push_result(ValType::i32, dst);
}

// The count is modulo the lane's width.
void Compiler::vector_shift(Shift op, Lane lane) {
  Value &count = operands_.pop(), &value = operands_.pop();
  const FReg src = operands_.in<FReg>(value);
  const bool is_constant = count.is(Kind::Const);
  const Reg by = is_constant ? Reg::none : operands_.in<Reg>(count);
  Temporaries<FReg, FReg> temporaries(operands_);
  const FReg dst = operands_.result<FReg>(ValType::v128, &value);
  const auto modulo = static_cast<unsigned>(count.bits) & ((8u << static_cast<unsigned>(lane)) - 1);
  temporaries.pass([&](FReg t, FReg u) {
    is_constant ? vectors_.shift(op, lane, dst, src, modulo, t, u)
                : vectors_.shift(op, lane, dst, src, by, t, u);
  });
  operands_.release(value);
  operands_.release(count);
  operands_.push_result(ValType::v128, dst);
}

#define ROW(ident, ...) \
  void Compiler::ident(const wasm::immediate::None&) { __VA_ARGS__; }
#define VECTOR_BINARY(row) ROW(row, vector_binary(VectorBinary::row))
#include "core/jit/masm/vector_binary.def"

#define INTEGER_ROWS(prefix, L)                                        \
  ROW(prefix##_ne, vector_pair(&Vectors::ne<L>))                       \
  ROW(prefix##_le_s, vector_pair(&Vectors::le_s<L>))                   \
  ROW(prefix##_ge_s, vector_pair(&Vectors::ge_s<L>))                   \
  ROW(prefix##_abs, vector_unary(&Vectors::abs<L>))                    \
  ROW(prefix##_neg, vector_unary(&Vectors::neg<L>))                    \
  ROW(prefix##_all_true, vector_test(Test::Eq, &Vectors::all_true<L>)) \
  ROW(prefix##_bitmask, vector_bitmask(&Vectors::bitmask<L>))          \
  ROW(prefix##_shl, vector_shift(Shift::Shl, L))                       \
  ROW(prefix##_shr_s, vector_shift(Shift::ShrS, L))                    \
  ROW(prefix##_shr_u, vector_shift(Shift::ShrU, L))
INTEGER_ROWS(i8x16, Lane::I8)
INTEGER_ROWS(i16x8, Lane::I16)
INTEGER_ROWS(i32x4, Lane::I32)
INTEGER_ROWS(i64x2, Lane::I64)
#undef INTEGER_ROWS

#define UNSIGNED_ROWS(prefix, L)                     \
  ROW(prefix##_lt_u, vector_pair(&Vectors::lt_u<L>)) \
  ROW(prefix##_gt_u, vector_pair(&Vectors::gt_u<L>)) \
  ROW(prefix##_le_u, vector_pair(&Vectors::le_u<L>)) \
  ROW(prefix##_ge_u, vector_pair(&Vectors::ge_u<L>))
UNSIGNED_ROWS(i8x16, Lane::I8)
UNSIGNED_ROWS(i16x8, Lane::I16)
UNSIGNED_ROWS(i32x4, Lane::I32)
#undef UNSIGNED_ROWS

#define WIDENING_ROWS(wide, narrow, L)                                                       \
  ROW(wide##_extend_low_##narrow##_s, vector_unary(&Vectors::extend<L, true, Half::Low>))    \
  ROW(wide##_extend_high_##narrow##_s, vector_unary(&Vectors::extend<L, true, Half::High>))  \
  ROW(wide##_extend_low_##narrow##_u, vector_unary(&Vectors::extend<L, false, Half::Low>))   \
  ROW(wide##_extend_high_##narrow##_u, vector_unary(&Vectors::extend<L, false, Half::High>)) \
  ROW(wide##_extmul_low_##narrow##_s, vector_pair(&Vectors::extmul<L, true, Half::Low>))     \
  ROW(wide##_extmul_high_##narrow##_s, vector_pair(&Vectors::extmul<L, true, Half::High>))   \
  ROW(wide##_extmul_low_##narrow##_u, vector_pair(&Vectors::extmul<L, false, Half::Low>))    \
  ROW(wide##_extmul_high_##narrow##_u, vector_pair(&Vectors::extmul<L, false, Half::High>))
WIDENING_ROWS(i16x8, i8x16, Lane::I8)
WIDENING_ROWS(i32x4, i16x8, Lane::I16)
WIDENING_ROWS(i64x2, i32x4, Lane::I32)
#undef WIDENING_ROWS
#define PAIRWISE_ROWS(wide, narrow, L)                                                       \
  ROW(wide##_extadd_pairwise_##narrow##_s, vector_unary(&Vectors::extadd_pairwise<L, true>)) \
  ROW(wide##_extadd_pairwise_##narrow##_u, vector_unary(&Vectors::extadd_pairwise<L, false>))
PAIRWISE_ROWS(i16x8, i8x16, Lane::I8)
PAIRWISE_ROWS(i32x4, i16x8, Lane::I16)
#undef PAIRWISE_ROWS

#define FLOAT_ROWS(prefix, S)                                               \
  ROW(prefix##_abs, vector_unary(&Vectors::funary<S, FUnary::Abs>))         \
  ROW(prefix##_neg, vector_unary(&Vectors::funary<S, FUnary::Neg>))         \
  ROW(prefix##_sqrt, vector_unary(&Vectors::funary<S, FUnary::Sqrt>))       \
  ROW(prefix##_ceil, vector_unary(&Vectors::funary<S, FUnary::Ceil>))       \
  ROW(prefix##_floor, vector_unary(&Vectors::funary<S, FUnary::Floor>))     \
  ROW(prefix##_trunc, vector_unary(&Vectors::funary<S, FUnary::Trunc>))     \
  ROW(prefix##_nearest, vector_unary(&Vectors::funary<S, FUnary::Nearest>)) \
  ROW(prefix##_min, vector_pair(&Vectors::min<S>))                          \
  ROW(prefix##_max, vector_pair(&Vectors::max<S>))                          \
  ROW(prefix##_relaxed_min, vector_pair(&Vectors::min<S>))                  \
  ROW(prefix##_relaxed_max, vector_pair(&Vectors::max<S>))                  \
  ROW(prefix##_relaxed_madd, vector_triple(&Vectors::madd<S>))              \
  ROW(prefix##_relaxed_nmadd, vector_triple(&Vectors::nmadd<S>))
FLOAT_ROWS(f32x4, FSize::F32)
FLOAT_ROWS(f64x2, FSize::F64)
#undef FLOAT_ROWS

ROW(v128_not, vector_unary(&Vectors::not_))
ROW(v128_bitselect, vector_triple(&Vectors::bitselect))
ROW(i8x16_relaxed_laneselect, vector_triple(&Vectors::bitselect))
ROW(i16x8_relaxed_laneselect, vector_triple(&Vectors::bitselect))
ROW(i32x4_relaxed_laneselect, vector_triple(&Vectors::bitselect))
ROW(i64x2_relaxed_laneselect, vector_triple(&Vectors::bitselect))
ROW(v128_any_true, vector_test(Test::Ne, &Vectors::any_true))
ROW(i8x16_popcnt, vector_unary(&Vectors::popcnt))
ROW(i64x2_mul, vector_pair(&Vectors::i64x2_mul))
ROW(i16x8_q15mulr_sat_s, vector_pair(&Vectors::q15mulr))
ROW(i16x8_relaxed_q15mulr_s, vector_pair(&Vectors::q15mulr))
ROW(i16x8_relaxed_dot_i8x16_i7x16_s, vector_pair(&Vectors::dot_i8x16))
ROW(i32x4_relaxed_dot_i8x16_i7x16_add_s, vector_triple(&Vectors::dot_i8x16_add))
ROW(i32x4_trunc_sat_f32x4_s, vector_unary(&Vectors::trunc_sat_f32x4_s))
ROW(i32x4_trunc_sat_f32x4_u, vector_unary(&Vectors::trunc_sat_f32x4_u))
ROW(i32x4_trunc_sat_f64x2_s_zero, vector_unary(&Vectors::trunc_sat_f64x2_s_zero))
ROW(i32x4_trunc_sat_f64x2_u_zero, vector_unary(&Vectors::trunc_sat_f64x2_u_zero))
ROW(i32x4_relaxed_trunc_f32x4_s, vector_unary(&Vectors::trunc_sat_f32x4_s))
ROW(i32x4_relaxed_trunc_f32x4_u, vector_unary(&Vectors::trunc_sat_f32x4_u))
ROW(i32x4_relaxed_trunc_f64x2_s_zero, vector_unary(&Vectors::trunc_sat_f64x2_s_zero))
ROW(i32x4_relaxed_trunc_f64x2_u_zero, vector_unary(&Vectors::trunc_sat_f64x2_u_zero))
ROW(f32x4_convert_i32x4_s, vector_unary(&Vectors::f32x4_convert_i32x4_s))
ROW(f32x4_convert_i32x4_u, vector_unary(&Vectors::f32x4_convert_i32x4_u))
ROW(f64x2_convert_low_i32x4_s, vector_unary(&Vectors::f64x2_convert_low_i32x4_s))
ROW(f64x2_convert_low_i32x4_u, vector_unary(&Vectors::f64x2_convert_low_i32x4_u))
ROW(f32x4_demote_f64x2_zero, vector_unary(&Vectors::demote))
ROW(f64x2_promote_low_f32x4, vector_unary(&Vectors::promote))
#undef ROW

}  // namespace cordon::jit::baseline
