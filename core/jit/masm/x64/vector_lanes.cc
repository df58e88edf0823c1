// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lanes of Vectors: splats, single lanes from and to registers and memory.
#include "core/jit/masm/x64/heap_inl.h"
#include "core/jit/masm/x64/packed.h"
#include "core/jit/masm/x64/vectors.h"

namespace cordon::jit::masm {

using namespace x64;

namespace {

constexpr FReg kT = kFScratch;
constexpr unsigned kAllLow = 0, kAllHigh = 0xEE;  // of pshufd and its kin

}  // namespace

// Splats

void Vectors::splat(Lane lane, FReg dst, Reg src) {
  const Xmm d = xmm(dst);
  asm_.movd(lane == Lane::I64 ? W64 : W32, d, gpr(src));
  if (lane == Lane::I64) return asm_.pshufd(d, d, 0x44);
  if (lane == Lane::I32) return asm_.pshufd(d, d, kAllLow);
  if (avx2_) return lane == Lane::I8 ? asm_.vpbroadcastb(d, d) : asm_.vpbroadcastw(d, d);
  if (lane == Lane::I8) {
    load_zero(kT);
    return Packed{asm_, avx_}.pshufb(dst, dst, kT);
  }
  asm_.pshuflw(d, d, kAllLow);
  asm_.pshufd(d, d, kAllLow);
}

void Vectors::splat(FSize size, FReg dst, FReg src) {
  if (size == FSize::F64) return asm_.movddup(xmm(dst), xmm(src));
  Packed{asm_, avx_}.shufps(dst, src, src, kAllLow);
}

// Single lanes

void Vectors::extract(Lane lane, bool is_signed, Reg dst, FReg src, unsigned index) {
  const Gpr d = gpr(dst);
  const Xmm s = xmm(src);
  switch (lane) {
    case Lane::I8:
      asm_.pextrb(d, s, index);
      if (is_signed) asm_.movsx8(W32, d, d);
      break;
    case Lane::I16:
      asm_.pextrw(d, s, index);
      if (is_signed) asm_.movsx16(W32, d, d);
      break;
    case Lane::I32: index == 0 ? asm_.movd(W32, d, s) : asm_.pextr(W32, d, s, index); break;
    case Lane::I64: index == 0 ? asm_.movd(W64, d, s) : asm_.pextr(W64, d, s, index); break;
  }
  masm_.wrote(lane == Lane::I64 ? Size::S64 : Size::S32, dst);
}

void Vectors::extract(FSize size, FReg dst, FReg src, unsigned index) {
  Packed p{asm_, avx_};
  if (index == 0) return p.move(dst, src);
  asm_.pshufd(xmm(dst), xmm(src), size == FSize::F64 ? kAllHigh : index);
}

void Vectors::replace(Lane lane, FReg dst, FReg vector, Reg src, unsigned index) {
  const Xmm d = xmm(dst), v = xmm(vector);
  const Gpr s = gpr(src);
  if (!avx_) Packed{asm_, avx_}.move(dst, vector);
  switch (lane) {
    case Lane::I8: return avx_ ? asm_.vpinsrb(d, v, s, index) : asm_.pinsrb(d, s, index);
    case Lane::I16: return avx_ ? asm_.vpinsrw(d, v, s, index) : asm_.pinsrw(d, s, index);
    case Lane::I32: return avx_ ? asm_.vpinsr(W32, d, v, s, index) : asm_.pinsr(W32, d, s, index);
    case Lane::I64: return avx_ ? asm_.vpinsr(W64, d, v, s, index) : asm_.pinsr(W64, d, s, index);
  }
}

void Vectors::replace(FSize size, FReg dst, FReg vector, FReg src, unsigned index) {
  Packed p{asm_, avx_};
  if (size == FSize::F32) return p.insertps(dst, vector, src, index << 4);
  index == 0 ? p.pblendw(dst, vector, src, 0x0F) : p.punpcklqdq(dst, vector, src);
}

// Linear memory. The operand is made right before its instruction, which is the trap site.

void Vectors::load_extend(Lane lane, bool is_signed, FReg dst, HeapAddress from) {
  const Xmm d = xmm(dst);
  const Mem m = masm_.heap(from);
  if (lane == Lane::I8) return is_signed ? asm_.pmovsxbw(d, m) : asm_.pmovzxbw(d, m);
  if (lane == Lane::I16) return is_signed ? asm_.pmovsxwd(d, m) : asm_.pmovzxwd(d, m);
  is_signed ? asm_.pmovsxdq(d, m) : asm_.pmovzxdq(d, m);
}

void Vectors::load_splat(Lane lane, FReg dst, HeapAddress from) {
  const Xmm d = xmm(dst);
  if (lane == Lane::I64) return asm_.movddup(d, masm_.heap(from));
  if (lane == Lane::I32) {
    if (avx_) return asm_.vbroadcastss(d, masm_.heap(from));
    asm_.movs(F32, d, masm_.heap(from));
    return asm_.pshufd(d, d, kAllLow);
  }
  if (avx2_) {
    const Mem m = masm_.heap(from);
    return lane == Lane::I8 ? asm_.vpbroadcastb(d, m) : asm_.vpbroadcastw(d, m);
  }
  load_zero(dst);
  if (lane == Lane::I8) {
    asm_.pinsrb(d, masm_.heap(from), 0);
    load_zero(kT);
    return Packed{asm_, avx_}.pshufb(dst, dst, kT);
  }
  asm_.pinsrw(d, masm_.heap(from), 0);
  asm_.pshuflw(d, d, kAllLow);
  asm_.pshufd(d, d, kAllLow);
}

void Vectors::load_lane(Lane lane, FReg dst, FReg vector, HeapAddress from, unsigned index) {
  const Xmm d = xmm(dst), v = xmm(vector);
  if (!avx_) Packed{asm_, avx_}.move(dst, vector);
  const Mem m = masm_.heap(from);
  switch (lane) {
    case Lane::I8: return avx_ ? asm_.vpinsrb(d, v, m, index) : asm_.pinsrb(d, m, index);
    case Lane::I16: return avx_ ? asm_.vpinsrw(d, v, m, index) : asm_.pinsrw(d, m, index);
    case Lane::I32: return avx_ ? asm_.vpinsr(W32, d, v, m, index) : asm_.pinsr(W32, d, m, index);
    case Lane::I64: return avx_ ? asm_.vpinsr(W64, d, v, m, index) : asm_.pinsr(W64, d, m, index);
  }
}

void Vectors::store_lane(Lane lane, HeapAddress to, FReg src, unsigned index) {
  const Xmm s = xmm(src);
  const Mem m = masm_.heap(to);
  switch (lane) {
    case Lane::I8: return asm_.pextrb(m, s, index);
    case Lane::I16: return asm_.pextrw(m, s, index);
    case Lane::I32: return index == 0 ? asm_.movs(F32, m, s) : asm_.pextr(W32, m, s, index);
    case Lane::I64: return index == 0 ? asm_.movs(F64, m, s) : asm_.movhps(m, s);
  }
}

}  // namespace cordon::jit::masm
