// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Floating-point rows of FuncCompiler. Operands keep their order: which of two NaNs comes out
// depends on it.
#include "core/jit/baseline/func_compiler_inl.h"

namespace cordon::jit {

using masm::FBinary;
using masm::FUnary;
using masm::Test;

void FuncCompiler::fbinary(FBinary op, ValType type) {
  Value &right = pop(), &left = pop();
  const FReg lhs = in_freg(left);
  const Operand rhs = foperand(right);
  const FReg dst = result_freg(type, &left);
  masm_.fbinary(op, fsize_of(type), dst, lhs, rhs);
  release(left);
  release(right);
  push_fresult(type, dst);
}

void FuncCompiler::funary(FUnary op, ValType type) {
  Value& value = pop();
  const FReg src = in_freg(value);
  const FReg dst = result_freg(type, &value);
  masm_.funary(op, fsize_of(type), dst, src);
  release(value);
  push_fresult(type, dst);
}

void FuncCompiler::fcompare(Test test, ValType type, bool exchange) {
  Value &right = pop(), &left = pop();
  if (exchange) std::swap(left, right);
  const FReg lhs = in_freg(left);
  const Operand rhs = foperand(right);
  masm_.fcompare(fsize_of(type), lhs, rhs);
  release(left);
  release(right);
  finish_test(test);
}

void FuncCompiler::fminmax(bool min, ValType type) {
  Value &right = pop(), &left = pop();
  const FReg rhs = in_freg(right);
  const FReg lhs = in_freg(left);
  FReg dst = result_freg(type, &left);
  const bool clash = dst == rhs;
  if (clash) dst = masm::kFScratch;
  min ? masm_.fmin(fsize_of(type), dst, lhs, rhs) : masm_.fmax(fsize_of(type), dst, lhs, rhs);
  if (clash) {
    masm_.mov(fsize_of(type), rhs, dst);
    dst = rhs;
  }
  release(left);
  release(right);
  push_fresult(type, dst);
}

void FuncCompiler::copysign(ValType type) {
  Value &right = pop(), &left = pop();
  const FReg rhs = in_freg(right);
  const FReg lhs = in_freg(left);
  const FReg dst = result_freg(type, &left);
  masm_.copysign(fsize_of(type), dst, lhs, rhs);
  release(left);
  release(right);
  push_fresult(type, dst);
}

void FuncCompiler::truncate(ValType to, ValType from, bool is_signed, bool saturating) {
  Value& value = pop();
  const FReg src = in_freg(value);
  const Reg dst = result_reg(to, nullptr);
  if (saturating) {
    masm_.truncate_saturating(size_of(to), is_signed, fsize_of(from), dst, src);
  } else {
    masm_.truncate(size_of(to), is_signed, fsize_of(from), dst, src);
  }
  release(value);
  push_result(to, dst);
}

void FuncCompiler::convert(ValType to, ValType from, bool is_signed) {
  Value& value = pop();
  const Reg src = from == ValType::i64 && !is_signed ? own(value) : in_reg(value);
  const FReg dst = result_freg(to, nullptr);
  masm_.convert(fsize_of(to), size_of(from), is_signed, dst, src);
  release(value);
  push_fresult(to, dst);
}

void FuncCompiler::f64_promote_f32(const wasm::immediate::None&) {
  Value& value = pop();
  const FReg src = in_freg(value);
  const FReg dst = result_freg(ValType::f64, &value);
  masm_.promote(dst, src);
  release(value);
  push_fresult(ValType::f64, dst);
}

void FuncCompiler::f32_demote_f64(const wasm::immediate::None&) {
  Value& value = pop();
  const FReg src = in_freg(value);
  const FReg dst = result_freg(ValType::f32, &value);
  masm_.demote(dst, src);
  release(value);
  push_fresult(ValType::f32, dst);
}

void FuncCompiler::reinterpret(ValType to) {
  Value& value = pop();
  if (value.is(Kind::Const)) return push_const(to, value.bits);
  if (is_float(to)) {
    const Reg src = in_reg(value);
    const FReg dst = result_freg(to, nullptr);
    masm_.reinterpret(size_of(value.type), dst, src);
    release(value);
    return push_fresult(to, dst);
  }
  const FReg src = in_freg(value);
  const Reg dst = result_reg(to, nullptr);
  masm_.reinterpret(size_of(to), dst, src);
  release(value);
  push_result(to, dst);
}

void FuncCompiler::f32_const(const wasm::immediate::F32& operands) {
  push_const(ValType::f32, operands.bits);
}
void FuncCompiler::f64_const(const wasm::immediate::F64& operands) {
  push_const(ValType::f64, operands.bits);
}

#define ROW(ident, ...) \
  void FuncCompiler::ident(const wasm::immediate::None&) { __VA_ARGS__; }
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

}  // namespace cordon::jit
