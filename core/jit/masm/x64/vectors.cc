// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integers, bits, tests and constants of Vectors.
#include "core/jit/masm/x64/vectors.h"

#include <algorithm>
#include <cstring>

#include "core/jit/masm/x64/packed.h"

namespace cordon::jit::masm {

using namespace x64;

namespace {

constexpr FReg kT = kFScratch;

}  // namespace

Vectors::Vectors(MacroAssembler& masm)
    : masm_(masm),
      asm_(masm.asm_),
      avx_(masm.target_.has(abi::CpuFeature::Avx)),
      avx2_(avx_ && masm.target_.has(abi::CpuFeature::Avx2)) {}

// Constants

uint64_t Vectors::constant(const VectorBytes& value) {
  if (value == VectorBytes{}) return 0;
  return uint64_t{masm_.pool_->vector(value)} << 1 | 1;
}
VectorBytes Vectors::value_of(uint64_t constant) const {
  VectorBytes value{};
  if (constant == 0) return value;
  const ByteSpan bytes = masm_.pool_->bytes().subspan(constant >> 1, value.size());
  std::ranges::copy(bytes, value.begin());
  return value;
}
void Vectors::load_constant(FReg dst, const VectorBytes& value) {
  masm_.mov(FSize::V128, dst, constant(value));
}
// All lanes alike.
template <class T>
void Vectors::load_lanes(FReg dst, T value) {
  VectorBytes bytes;
  for (size_t i = 0; i < bytes.size(); i += sizeof value) {
    std::memcpy(&bytes[i], &value, sizeof value);
  }
  load_constant(dst, bytes);
}
template void Vectors::load_lanes(FReg, uint8_t);
template void Vectors::load_lanes(FReg, uint16_t);
template void Vectors::load_lanes(FReg, uint32_t);
template void Vectors::load_lanes(FReg, uint64_t);
template void Vectors::load_lanes(FReg, float);
template void Vectors::load_lanes(FReg, double);

void Vectors::load_ones(FReg dst) { Packed{asm_, avx_}.pcmpeqd(dst, dst, dst); }
void Vectors::load_zero(FReg dst) { asm_.xorp(F32, xmm(dst), xmm(dst)); }

// One instruction

void Vectors::binary(VectorBinary op, FReg dst, FReg lhs, const Operand& rhs) {
  Packed p{asm_, avx_};
  if (rhs.is(Operand::Kind::FReg) || !avx_) {
    FReg r = kFScratch;
    if (rhs.is(Operand::Kind::FReg)) {
      r = rhs.as_freg();
    } else {
      asm_.movup(F32, xmm(r), masm_.source(rhs));
    }
    switch (op) {
#define BINARY(row, instruction, order) \
  case VectorBinary::row: return p.instruction(dst, lhs, r);
#define FLOATS(row, instruction, width, order) \
  case VectorBinary::row: return p.instruction(width, dst, lhs, r);
#define COMPARE(row, width, predicate, order) \
  case VectorBinary::row: return p.cmpp(width, dst, lhs, r, predicate);
#include "core/jit/masm/x64/vector_ops.def"
    }
  }
  const Mem m = masm_.source(rhs);
  switch (op) {
#define BINARY(row, instruction, order) \
  case VectorBinary::row: return asm_.v##instruction(xmm(dst), xmm(lhs), m);
#define FLOATS(row, instruction, width, order) \
  case VectorBinary::row: return asm_.v##instruction(width, xmm(dst), xmm(lhs), m);
#define COMPARE(row, width, predicate, order) \
  case VectorBinary::row: return asm_.vcmpp(width, xmm(dst), xmm(lhs), m, predicate);
#include "core/jit/masm/x64/vector_ops.def"
  }
}

// Bits

void Vectors::not_(FReg dst, FReg src) {
  load_ones(kT);
  Packed{asm_, avx_}.pxor(dst, src, kT);
}

void Vectors::bitselect(FReg dst, FReg a, FReg b, FReg mask, FReg t) {
  Packed p{asm_, avx_};
  p.pand(t, a, mask);
  p.pandn(kT, mask, b);
  p.por(dst, t, kT);
}

// Comparisons that the processor has not

namespace {

template <Lane kLane>
void equal(Packed& p, FReg dst, FReg lhs, FReg rhs) {
  switch (kLane) {
    case Lane::I8: return p.pcmpeqb(dst, lhs, rhs);
    case Lane::I16: return p.pcmpeqw(dst, lhs, rhs);
    case Lane::I32: return p.pcmpeqd(dst, lhs, rhs);
    case Lane::I64: return p.pcmpeqq(dst, lhs, rhs);
  }
}
template <Lane kLane>
void lesser(Packed& p, bool is_signed, FReg dst, FReg lhs, FReg rhs) {
  switch (kLane) {
    case Lane::I8: return is_signed ? p.pminsb(dst, lhs, rhs) : p.pminub(dst, lhs, rhs);
    case Lane::I16: return is_signed ? p.pminsw(dst, lhs, rhs) : p.pminuw(dst, lhs, rhs);
    default: return is_signed ? p.pminsd(dst, lhs, rhs) : p.pminud(dst, lhs, rhs);
  }
}
template <Lane kLane>
void greater(Packed& p, bool is_signed, FReg dst, FReg lhs, FReg rhs) {
  switch (kLane) {
    case Lane::I8: return is_signed ? p.pmaxsb(dst, lhs, rhs) : p.pmaxub(dst, lhs, rhs);
    case Lane::I16: return is_signed ? p.pmaxsw(dst, lhs, rhs) : p.pmaxuw(dst, lhs, rhs);
    default: return is_signed ? p.pmaxsd(dst, lhs, rhs) : p.pmaxud(dst, lhs, rhs);
  }
}

}  // namespace

template <Lane kLane>
void Vectors::ne(FReg dst, FReg lhs, FReg rhs, FReg t) {
  Packed p{asm_, avx_};
  equal<kLane>(p, t, lhs, rhs);
  not_(dst, t);
}

// The lesser of two is the one that is not above the other; of 64 bits there is no such thing.
template <Lane kLane>
void Vectors::le_s(FReg dst, FReg lhs, FReg rhs, FReg t) {
  Packed p{asm_, avx_};
  if (kLane == Lane::I64) {
    p.pcmpgtq(t, lhs, rhs);
    return not_(dst, t);
  }
  lesser<kLane>(p, true, t, lhs, rhs);
  equal<kLane>(p, dst, t, lhs);
}
template <Lane kLane>
void Vectors::ge_s(FReg dst, FReg lhs, FReg rhs, FReg t) {
  Packed p{asm_, avx_};
  if (kLane == Lane::I64) {
    p.pcmpgtq(t, rhs, lhs);
    return not_(dst, t);
  }
  greater<kLane>(p, true, t, lhs, rhs);
  equal<kLane>(p, dst, t, lhs);
}
template <Lane kLane>
void Vectors::le_u(FReg dst, FReg lhs, FReg rhs, FReg t) {
  Packed p{asm_, avx_};
  lesser<kLane>(p, false, t, lhs, rhs);
  equal<kLane>(p, dst, t, lhs);
}
template <Lane kLane>
void Vectors::ge_u(FReg dst, FReg lhs, FReg rhs, FReg t) {
  Packed p{asm_, avx_};
  greater<kLane>(p, false, t, lhs, rhs);
  equal<kLane>(p, dst, t, lhs);
}
template <Lane kLane>
void Vectors::lt_u(FReg dst, FReg lhs, FReg rhs, FReg t) {
  ge_u<kLane>(t, lhs, rhs, t);
  not_(dst, t);
}
template <Lane kLane>
void Vectors::gt_u(FReg dst, FReg lhs, FReg rhs, FReg t) {
  le_u<kLane>(t, lhs, rhs, t);
  not_(dst, t);
}

// Arithmetic

template <Lane kLane>
void Vectors::abs(FReg dst, FReg src, FReg t) {
  switch (kLane) {
    case Lane::I8: return asm_.pabsb(xmm(dst), xmm(src));
    case Lane::I16: return asm_.pabsw(xmm(dst), xmm(src));
    case Lane::I32: return asm_.pabsd(xmm(dst), xmm(src));
    case Lane::I64: break;
  }
  Packed p{asm_, avx_};
  load_zero(kT);
  p.pcmpgtq(t, kT, src);
  p.pxor(kT, src, t);
  p.psubq(dst, kT, t);
}

template <Lane kLane>
void Vectors::neg(FReg dst, FReg src, FReg t) {
  Packed p{asm_, avx_};
  load_zero(t);
  switch (kLane) {
    case Lane::I8: return p.psubb(dst, t, src);
    case Lane::I16: return p.psubw(dst, t, src);
    case Lane::I32: return p.psubd(dst, t, src);
    case Lane::I64: return p.psubq(dst, t, src);
  }
}

// Each half of a byte looks its count up.
void Vectors::popcnt(FReg dst, FReg src, FReg t, FReg u) {
  Packed p{asm_, avx_};
  constexpr VectorBytes kCounts = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
  load_lanes(kT, uint8_t{0x0F});
  p.pand(t, src, kT);
  p.psrlw(u, src, 4u);
  p.pand(u, u, kT);
  load_constant(kT, kCounts);
  p.pshufb(kT, kT, t);
  load_constant(t, kCounts);
  p.pshufb(t, t, u);
  p.paddb(dst, t, kT);
}

// (a1 2^32 + a0) (b1 2^32 + b0) = (a1 b0 + a0 b1) 2^32 + a0 b0
void Vectors::i64x2_mul(FReg dst, FReg lhs, FReg rhs, FReg t) {
  Packed p{asm_, avx_};
  p.psrlq(t, lhs, 32u);
  p.pmuludq(t, t, rhs);
  p.psrlq(kT, rhs, 32u);
  p.pmuludq(kT, kT, lhs);
  p.paddq(t, t, kT);
  p.psllq(t, t, 32u);
  p.pmuludq(kT, lhs, rhs);
  p.paddq(dst, kT, t);
}

// pmulhrsw saturates in all cases but -1 times -1.
void Vectors::q15mulr(FReg dst, FReg lhs, FReg rhs, FReg t) {
  Packed p{asm_, avx_};
  p.pmulhrsw(t, lhs, rhs);
  load_lanes(kT, uint16_t{0x8000});
  p.pcmpeqw(kT, kT, t);
  p.pxor(dst, t, kT);
}

void Vectors::dot_i8x16(FReg dst, FReg lhs, FReg rhs, FReg t, FReg u) {
  Packed p{asm_, avx_};
  asm_.pmovsxbw(xmm(t), xmm(lhs));
  asm_.pmovsxbw(xmm(kT), xmm(rhs));
  p.pmaddwd(t, t, kT);
  extend<Lane::I8, true, Half::High>(u, lhs);
  extend<Lane::I8, true, Half::High>(kT, rhs);
  p.pmaddwd(u, u, kT);
  p.packssdw(dst, t, u);
}

void Vectors::dot_i8x16_add(FReg dst, FReg lhs, FReg rhs, FReg addend, FReg t, FReg u) {
  Packed p{asm_, avx_};
  dot_i8x16(t, lhs, rhs, t, u);
  load_lanes(kT, uint16_t{1});
  p.pmaddwd(t, t, kT);
  p.paddd(dst, t, addend);
}

template <Lane kLane, bool kSigned, Half kHalf>
void Vectors::extend(FReg dst, FReg src) {
  const Xmm d = xmm(dst);
  Xmm s = xmm(src);
  Packed p{asm_, avx_};
  if (kHalf == Half::High && !kSigned && dst != kT) {
    load_zero(kT);
    if (kLane == Lane::I8) return p.punpckhbw(dst, src, kT);
    return kLane == Lane::I16 ? p.punpckhwd(dst, src, kT) : p.punpckhdq(dst, src, kT);
  }
  if (kHalf == Half::High) {
    asm_.pshufd(d, s, 0xEE);
    s = d;
  }
  if (kLane == Lane::I8) return kSigned ? asm_.pmovsxbw(d, s) : asm_.pmovzxbw(d, s);
  if (kLane == Lane::I16) return kSigned ? asm_.pmovsxwd(d, s) : asm_.pmovzxwd(d, s);
  kSigned ? asm_.pmovsxdq(d, s) : asm_.pmovzxdq(d, s);
}

template <Lane kLane, bool kSigned, Half kHalf>
void Vectors::extmul(FReg dst, FReg lhs, FReg rhs, FReg t) {
  Packed p{asm_, avx_};
  if (kLane == Lane::I8) {
    extend<Lane::I8, kSigned, kHalf>(t, lhs);
    extend<Lane::I8, kSigned, kHalf>(kT, rhs);
    return p.pmullw(dst, t, kT);
  }
  if (kLane == Lane::I16) {
    kSigned ? p.pmulhw(t, lhs, rhs) : p.pmulhuw(t, lhs, rhs);
    p.pmullw(kT, lhs, rhs);
    return kHalf == Half::Low ? p.punpcklwd(dst, kT, t) : p.punpckhwd(dst, kT, t);
  }
  constexpr unsigned kLanes = kHalf == Half::Low ? 0x50 : 0xFA;
  asm_.pshufd(xmm(t), xmm(lhs), kLanes);
  asm_.pshufd(xmm(kT), xmm(rhs), kLanes);
  kSigned ? p.pmuldq(dst, t, kT) : p.pmuludq(dst, t, kT);
}

// Multiplied by one and added by pairs. Words without a sign become such with one, 2^15 less each.
template <Lane kLane, bool kSigned>
void Vectors::extadd_pairwise(FReg dst, FReg src, FReg t) {
  Packed p{asm_, avx_};
  if (kLane == Lane::I8) {
    load_lanes(t, uint8_t{1});
    return kSigned ? p.pmaddubsw(dst, t, src) : p.pmaddubsw(dst, src, t);
  }
  if (kSigned) {
    load_lanes(kT, uint16_t{1});
    return p.pmaddwd(dst, src, kT);
  }
  load_lanes(kT, uint16_t{0x8000});
  p.pxor(t, src, kT);
  load_lanes(kT, uint16_t{1});
  p.pmaddwd(t, t, kT);
  load_lanes(kT, uint32_t{0x10000});
  p.paddd(dst, t, kT);
}

// Tests

void Vectors::any_true(FReg src) { asm_.ptest(xmm(src), xmm(src)); }

template <Lane kLane>
void Vectors::all_true(FReg src, FReg t) {
  Packed p{asm_, avx_};
  load_zero(t);
  equal<kLane>(p, t, t, src);
  asm_.ptest(xmm(t), xmm(t));
}

template <Lane kLane>
void Vectors::bitmask(Reg dst, FReg src) {
  const Gpr d = gpr(dst);
  switch (kLane) {
    case Lane::I8: asm_.pmovmskb(d, xmm(src)); break;
    case Lane::I16:
      Packed{asm_, avx_}.packsswb(kT, src, src);
      asm_.pmovmskb(d, xmm(kT));
      asm_.movzx8(W32, d, d);
      break;
    case Lane::I32: asm_.movmskp(F32, d, xmm(src)); break;
    case Lane::I64: asm_.movmskp(F64, d, xmm(src)); break;
  }
  masm_.wrote(Size::S32, dst);
}

#define COMPARISONS(L)                                    \
  template void Vectors::ne<L>(FReg, FReg, FReg, FReg);   \
  template void Vectors::le_s<L>(FReg, FReg, FReg, FReg); \
  template void Vectors::ge_s<L>(FReg, FReg, FReg, FReg); \
  template void Vectors::abs<L>(FReg, FReg, FReg);        \
  template void Vectors::neg<L>(FReg, FReg, FReg);        \
  template void Vectors::all_true<L>(FReg, FReg);         \
  template void Vectors::bitmask<L>(Reg, FReg);
COMPARISONS(Lane::I8)
COMPARISONS(Lane::I16)
COMPARISONS(Lane::I32)
COMPARISONS(Lane::I64)
#undef COMPARISONS
#define NARROW(L)                                                             \
  template void Vectors::lt_u<L>(FReg, FReg, FReg, FReg);                     \
  template void Vectors::gt_u<L>(FReg, FReg, FReg, FReg);                     \
  template void Vectors::le_u<L>(FReg, FReg, FReg, FReg);                     \
  template void Vectors::ge_u<L>(FReg, FReg, FReg, FReg);                     \
  template void Vectors::extend<L, true, Half::Low>(FReg, FReg);              \
  template void Vectors::extend<L, true, Half::High>(FReg, FReg);             \
  template void Vectors::extend<L, false, Half::Low>(FReg, FReg);             \
  template void Vectors::extend<L, false, Half::High>(FReg, FReg);            \
  template void Vectors::extmul<L, true, Half::Low>(FReg, FReg, FReg, FReg);  \
  template void Vectors::extmul<L, true, Half::High>(FReg, FReg, FReg, FReg); \
  template void Vectors::extmul<L, false, Half::Low>(FReg, FReg, FReg, FReg); \
  template void Vectors::extmul<L, false, Half::High>(FReg, FReg, FReg, FReg);
NARROW(Lane::I8)
NARROW(Lane::I16)
NARROW(Lane::I32)
#undef NARROW
template void Vectors::extadd_pairwise<Lane::I8, true>(FReg, FReg, FReg);
template void Vectors::extadd_pairwise<Lane::I8, false>(FReg, FReg, FReg);
template void Vectors::extadd_pairwise<Lane::I16, true>(FReg, FReg, FReg);
template void Vectors::extadd_pairwise<Lane::I16, false>(FReg, FReg, FReg);

}  // namespace cordon::jit::masm
