// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Floating-point rows of Compiler. Operands keep their order: which of two NaNs comes out
// depends on it.
#include "core/jit/baseline/compiler.h"
#include "core/jit/baseline/operands_inl.h"

namespace cordon::jit::baseline {

using masm::FBinary;
using masm::FUnary;
using masm::Test;

void Compiler::fbinary(FBinary op, ValType type) {
  Value &right = operands_.pop(), &left = operands_.pop();
  const FReg lhs = operands_.in<FReg>(left);
  const Operand rhs = operands_.right<FReg>(right);
  const FReg dst = operands_.result<FReg>(type, &left);
  masm_.fbinary(op, size_of<FReg>(type), dst, lhs, rhs);
  operands_.release(left);
  operands_.release(right);
  operands_.push_result(type, dst);
}

void Compiler::funary(FUnary op, ValType type) {
  Value& value = operands_.pop();
  const FReg src = operands_.in<FReg>(value);
  const FReg dst = operands_.result<FReg>(type, &value);
  masm_.funary(op, size_of<FReg>(type), dst, src);
  operands_.release(value);
  operands_.push_result(type, dst);
}

void Compiler::fcompare(Test test, ValType type, bool exchange) {
  Value &right = operands_.pop(), &left = operands_.pop();
  if (exchange) std::swap(left, right);
  const FReg lhs = operands_.in<FReg>(left);
  const Operand rhs = operands_.right<FReg>(right);
  masm_.fcompare(size_of<FReg>(type), lhs, rhs);
  operands_.release(left);
  operands_.release(right);
  finish_test(test);
}

void Compiler::fminmax(bool min, ValType type) {
  Value &right = operands_.pop(), &left = operands_.pop();
  const FReg rhs = operands_.in<FReg>(right);
  const FReg lhs = operands_.in<FReg>(left);
  FReg dst = operands_.result<FReg>(type, &left);
  const bool clash = dst == rhs;
  if (clash) dst = masm::kFScratch;
  min ? masm_.fmin(size_of<FReg>(type), dst, lhs, rhs)
      : masm_.fmax(size_of<FReg>(type), dst, lhs, rhs);
  if (clash) {
    masm_.mov(size_of<FReg>(type), rhs, dst);
    dst = rhs;
  }
  operands_.release(left);
  operands_.release(right);
  operands_.push_result(type, dst);
}

void Compiler::copysign(ValType type) {
  Value &right = operands_.pop(), &left = operands_.pop();
  const FReg rhs = operands_.in<FReg>(right);
  const FReg lhs = operands_.in<FReg>(left);
  const FReg dst = operands_.result<FReg>(type, &left);
  masm_.copysign(size_of<FReg>(type), dst, lhs, rhs);
  operands_.release(left);
  operands_.release(right);
  operands_.push_result(type, dst);
}

void Compiler::truncate(ValType to, ValType from, bool is_signed, bool saturating) {
  Value& value = operands_.pop();
  const FReg src = operands_.in<FReg>(value);
  const Reg dst = operands_.result<Reg>(to);
  if (saturating) {
    masm_.truncate_saturating(size_of<Reg>(to), is_signed, size_of<FReg>(from), dst, src);
  } else {
    masm_.truncate(size_of<Reg>(to), is_signed, size_of<FReg>(from), dst, src);
  }
  operands_.release(value);
  operands_.push_result(to, dst);
}

void Compiler::convert(ValType to, ValType from, bool is_signed) {
  Value& value = operands_.pop();
  const Reg src =
      from == ValType::i64 && !is_signed ? operands_.own<Reg>(value) : operands_.in<Reg>(value);
  const FReg dst = operands_.result<FReg>(to);
  masm_.convert(size_of<FReg>(to), size_of<Reg>(from), is_signed, dst, src);
  operands_.release(value);
  operands_.push_result(to, dst);
}

void Compiler::f64_promote_f32(const wasm::immediate::None&) {
  Value& value = operands_.pop();
  const FReg src = operands_.in<FReg>(value);
  const FReg dst = operands_.result<FReg>(ValType::f64, &value);
  masm_.promote(dst, src);
  operands_.release(value);
  operands_.push_result(ValType::f64, dst);
}

void Compiler::f32_demote_f64(const wasm::immediate::None&) {
  Value& value = operands_.pop();
  const FReg src = operands_.in<FReg>(value);
  const FReg dst = operands_.result<FReg>(ValType::f32, &value);
  masm_.demote(dst, src);
  operands_.release(value);
  operands_.push_result(ValType::f32, dst);
}

void Compiler::reinterpret(ValType to) {
  Value& value = operands_.pop();
  if (value.is(Kind::Const)) return operands_.push_const(to, value.bits);
  if (is_float(to)) {
    const Reg src = operands_.in<Reg>(value);
    const FReg dst = operands_.result<FReg>(to);
    masm_.reinterpret(size_of<Reg>(value.type), dst, src);
    operands_.release(value);
    return operands_.push_result(to, dst);
  }
  const FReg src = operands_.in<FReg>(value);
  const Reg dst = operands_.result<Reg>(to);
  masm_.reinterpret(size_of<Reg>(to), dst, src);
  operands_.release(value);
  operands_.push_result(to, dst);
}

void Compiler::f32_const(const wasm::immediate::F32& operands) {
  operands_.push_const(ValType::f32, operands.bits);
}
void Compiler::f64_const(const wasm::immediate::F64& operands) {
  operands_.push_const(ValType::f64, operands.bits);
}

#define ROW(ident, ...) \
  void Compiler::ident(const wasm::immediate::None&) { __VA_ARGS__; }
#define FLOAT_ROWS(prefix, kType)                                  \
  ROW(prefix##_abs, funary(FUnary::Abs, kType))                    \
  ROW(prefix##_neg, funary(FUnary::Neg, kType))                    \
  ROW(prefix##_ceil, funary(FUnary::Ceil, kType))                  \
  ROW(prefix##_floor, funary(FUnary::Floor, kType))                \
  ROW(prefix##_trunc, funary(FUnary::Trunc, kType))                \
  ROW(prefix##_nearest, funary(FUnary::Nearest, kType))            \
  ROW(prefix##_sqrt, funary(FUnary::Sqrt, kType))                  \
  ROW(prefix##_add, fbinary(FBinary::Add, kType))                  \
  ROW(prefix##_sub, fbinary(FBinary::Sub, kType))                  \
  ROW(prefix##_mul, fbinary(FBinary::Mul, kType))                  \
  ROW(prefix##_div, fbinary(FBinary::Div, kType))                  \
  ROW(prefix##_min, fminmax(true, kType))                          \
  ROW(prefix##_max, fminmax(false, kType))                         \
  ROW(prefix##_copysign, copysign(kType))                          \
  ROW(prefix##_eq, fcompare(Test::FEq, kType, false))              \
  ROW(prefix##_ne, fcompare(Test::FNe, kType, false))              \
  ROW(prefix##_lt, fcompare(Test::FGt, kType, true))               \
  ROW(prefix##_gt, fcompare(Test::FGt, kType, false))              \
  ROW(prefix##_le, fcompare(Test::FGe, kType, true))               \
  ROW(prefix##_ge, fcompare(Test::FGe, kType, false))              \
  ROW(prefix##_convert_i32_s, convert(kType, ValType::i32, true))  \
  ROW(prefix##_convert_i32_u, convert(kType, ValType::i32, false)) \
  ROW(prefix##_convert_i64_s, convert(kType, ValType::i64, true))  \
  ROW(prefix##_convert_i64_u, convert(kType, ValType::i64, false))
FLOAT_ROWS(f32, ValType::f32)
FLOAT_ROWS(f64, ValType::f64)
#undef FLOAT_ROWS

#define TRUNCATE_ROWS(prefix, kType)                                        \
  ROW(prefix##_trunc_f32_s, truncate(kType, ValType::f32, true, false))     \
  ROW(prefix##_trunc_f32_u, truncate(kType, ValType::f32, false, false))    \
  ROW(prefix##_trunc_f64_s, truncate(kType, ValType::f64, true, false))     \
  ROW(prefix##_trunc_f64_u, truncate(kType, ValType::f64, false, false))    \
  ROW(prefix##_trunc_sat_f32_s, truncate(kType, ValType::f32, true, true))  \
  ROW(prefix##_trunc_sat_f32_u, truncate(kType, ValType::f32, false, true)) \
  ROW(prefix##_trunc_sat_f64_s, truncate(kType, ValType::f64, true, true))  \
  ROW(prefix##_trunc_sat_f64_u, truncate(kType, ValType::f64, false, true))
TRUNCATE_ROWS(i32, ValType::i32)
TRUNCATE_ROWS(i64, ValType::i64)
#undef TRUNCATE_ROWS

ROW(i32_reinterpret_f32, reinterpret(ValType::i32))
ROW(i64_reinterpret_f64, reinterpret(ValType::i64))
ROW(f32_reinterpret_i32, reinterpret(ValType::f32))
ROW(f64_reinterpret_i64, reinterpret(ValType::f64))
#undef ROW

}  // namespace cordon::jit::baseline
