// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Floats of Vectors, with the rules of WebAssembly where the processor has its own. A NaN has the
// bits that it has in a scalar instruction.
#include "core/jit/masm/x64/packed.h"
#include "core/jit/masm/x64/vectors.h"

namespace cordon::jit::masm {

using namespace x64;

namespace {

constexpr FReg kT = kFScratch;
enum Predicate : unsigned { kEq = 0, kLe = 2, kUnordered = 3 };

// dst = t, but where an operand is a NaN their sum, which is one. Overwrites u and kT.
void nan_or(Packed& p, FloatWidth f, FReg dst, FReg lhs, FReg rhs, FReg t, FReg u) {
  p.cmpp(f, u, lhs, rhs, kUnordered);
  p.addp(f, kT, lhs, rhs);
  p.pand(kT, kT, u);
  p.pandn(u, u, t);
  p.por(dst, u, kT);
}

}  // namespace

// Either order agrees on what differs; of zeroes `or` gives the least and `and` the greatest.
template <FSize kSize>
void Vectors::min(FReg dst, FReg lhs, FReg rhs, FReg t, FReg u) {
  constexpr FloatWidth f = fwidth(kSize);
  Packed p{asm_, avx_};
  p.minp(f, t, lhs, rhs);
  p.minp(f, u, rhs, lhs);
  p.por(t, t, u);
  nan_or(p, f, dst, lhs, rhs, t, u);
}
template <FSize kSize>
void Vectors::max(FReg dst, FReg lhs, FReg rhs, FReg t, FReg u) {
  constexpr FloatWidth f = fwidth(kSize);
  Packed p{asm_, avx_};
  p.maxp(f, t, lhs, rhs);
  p.maxp(f, u, rhs, lhs);
  p.pand(t, t, u);
  nan_or(p, f, dst, lhs, rhs, t, u);
}

template <FSize kSize, FUnary kOp>
void Vectors::funary(FReg dst, FReg src) {
  constexpr FloatWidth f = fwidth(kSize);
  constexpr int64_t kNoInexact = 8;
  const Xmm d = xmm(dst), s = xmm(src);
  switch (kOp) {
    case FUnary::Abs:
    case FUnary::Neg: return masm_.funary(kOp, kSize, dst, src);
    case FUnary::Sqrt: return asm_.sqrtp(f, d, s);
    case FUnary::Nearest: return asm_.roundp(f, d, s, kNoInexact | 0);
    case FUnary::Floor: return asm_.roundp(f, d, s, kNoInexact | 1);
    case FUnary::Ceil: return asm_.roundp(f, d, s, kNoInexact | 2);
    case FUnary::Trunc: return asm_.roundp(f, d, s, kNoInexact | 3);
  }
}

// Two roundings: what every processor gives.
template <FSize kSize>
void Vectors::madd(FReg dst, FReg a, FReg b, FReg c, FReg t) {
  Packed p{asm_, avx_};
  p.mulp(fwidth(kSize), t, a, b);
  p.addp(fwidth(kSize), dst, t, c);
}
template <FSize kSize>
void Vectors::nmadd(FReg dst, FReg a, FReg b, FReg c, FReg t) {
  Packed p{asm_, avx_};
  masm_.funary(FUnary::Neg, kSize, t, a);
  p.mulp(fwidth(kSize), t, t, b);
  p.addp(fwidth(kSize), dst, t, c);
}

// Out of range comes 0x80000000; from 2^31 on all its bits change. A NaN becomes 0 before.
void Vectors::trunc_sat_f32x4_s(FReg dst, FReg src, FReg t) {
  Packed p{asm_, avx_};
  p.cmpp(F32, t, src, src, kEq);
  p.pand(t, t, src);
  load_lanes(kT, 0x1p31f);
  p.cmpp(F32, kT, kT, t, kLe);
  asm_.cvttps2dq(xmm(t), xmm(t));
  p.pxor(dst, t, kT);
}

// What is below 2^31, and what is above it, each where it has a sign; the latter is at most 2^31 -
// 1 or all ones less 2^31. maxps gives its second operand for a NaN.
void Vectors::trunc_sat_f32x4_u(FReg dst, FReg src, FReg t, FReg u) {
  Packed p{asm_, avx_};
  load_zero(kT);
  p.maxp(F32, t, src, kT);
  load_lanes(kT, 0x1p31f);
  p.subp(F32, u, t, kT);
  p.cmpp(F32, kT, kT, u, kLe);
  asm_.cvttps2dq(xmm(u), xmm(u));
  p.pxor(u, u, kT);
  load_zero(kT);
  p.pmaxsd(u, u, kT);
  asm_.cvttps2dq(xmm(t), xmm(t));
  p.paddd(dst, t, u);
}

// Below the range comes 0x80000000 by itself; minpd gives its second operand for a NaN, here 0.
void Vectors::trunc_sat_f64x2_s_zero(FReg dst, FReg src, FReg t) {
  Packed p{asm_, avx_};
  p.cmpp(F64, t, src, src, kEq);
  load_lanes(kT, 2147483647.0);
  p.pand(t, t, kT);
  p.minp(F64, t, src, t);
  asm_.cvttpd2dq(xmm(dst), xmm(t));
}

// After adding 2^52 the integer is in the low bits.
void Vectors::trunc_sat_f64x2_u_zero(FReg dst, FReg src, FReg t) {
  Packed p{asm_, avx_};
  load_zero(kT);
  p.maxp(F64, t, src, kT);
  load_lanes(kT, 4294967295.0);
  p.minp(F64, t, t, kT);
  asm_.roundp(F64, xmm(t), xmm(t), 8 | 3);
  load_lanes(kT, 0x1p52);
  p.addp(F64, t, t, kT);
  load_zero(kT);
  p.shufps(dst, t, kT, 0x88);
}

void Vectors::f32x4_convert_i32x4_s(FReg dst, FReg src) { asm_.cvtdq2ps(xmm(dst), xmm(src)); }

// The low 16 bits and the others, both exact; the sum is rounded once.
void Vectors::f32x4_convert_i32x4_u(FReg dst, FReg src, FReg t) {
  Packed p{asm_, avx_};
  load_zero(t);
  p.pblendw(t, t, src, 0x55);
  p.psubd(kT, src, t);
  asm_.cvtdq2ps(xmm(t), xmm(t));
  p.psrld(kT, kT, 1u);
  asm_.cvtdq2ps(xmm(kT), xmm(kT));
  p.addp(F32, kT, kT, kT);
  p.addp(F32, dst, kT, t);
}

void Vectors::f64x2_convert_low_i32x4_s(FReg dst, FReg src) { asm_.cvtdq2pd(xmm(dst), xmm(src)); }

// With the upper half of 2^52 above it, a number of 32 bits is 2^52 plus that number.
void Vectors::f64x2_convert_low_i32x4_u(FReg dst, FReg src, FReg t) {
  Packed p{asm_, avx_};
  load_lanes(kT, uint32_t{0x43300000});
  p.punpckldq(t, src, kT);
  load_lanes(kT, 0x1p52);
  p.subp(F64, dst, t, kT);
}

void Vectors::demote(FReg dst, FReg src) { asm_.cvtpd2ps(xmm(dst), xmm(src)); }
void Vectors::promote(FReg dst, FReg src) { asm_.cvtps2pd(xmm(dst), xmm(src)); }

#define INSTANTIATE(S)                                           \
  template void Vectors::min<S>(FReg, FReg, FReg, FReg, FReg);   \
  template void Vectors::max<S>(FReg, FReg, FReg, FReg, FReg);   \
  template void Vectors::madd<S>(FReg, FReg, FReg, FReg, FReg);  \
  template void Vectors::nmadd<S>(FReg, FReg, FReg, FReg, FReg); \
  template void Vectors::funary<S, FUnary::Abs>(FReg, FReg);     \
  template void Vectors::funary<S, FUnary::Neg>(FReg, FReg);     \
  template void Vectors::funary<S, FUnary::Sqrt>(FReg, FReg);    \
  template void Vectors::funary<S, FUnary::Nearest>(FReg, FReg); \
  template void Vectors::funary<S, FUnary::Floor>(FReg, FReg);   \
  template void Vectors::funary<S, FUnary::Ceil>(FReg, FReg);    \
  template void Vectors::funary<S, FUnary::Trunc>(FReg, FReg);
INSTANTIATE(FSize::F32)
INSTANTIATE(FSize::F64)
#undef INSTANTIATE

}  // namespace cordon::jit::masm
