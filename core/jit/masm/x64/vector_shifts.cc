// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shifts of Vectors. Lanes of 8 bits are shifted as words and masked, or widened; of 64 bits there
// is no shift with the sign.
#include "core/jit/masm/x64/packed.h"
#include "core/jit/masm/x64/vectors.h"

namespace cordon::jit::masm {

using namespace x64;

namespace {

constexpr FReg kT = kFScratch;
constexpr uint64_t kSign = uint64_t{1} << 63;

unsigned bits_of(Lane lane) { return 8u << static_cast<unsigned>(lane); }

// Count: a register or a constant.
template <class Count>
void shift_lanes(Packed& p, Shift op, Lane lane, FReg dst, FReg src, Count count) {
  if (lane == Lane::I16) {
    if (op == Shift::Shl) return p.psllw(dst, src, count);
    return op == Shift::ShrS ? p.psraw(dst, src, count) : p.psrlw(dst, src, count);
  }
  if (lane == Lane::I32) {
    if (op == Shift::Shl) return p.pslld(dst, src, count);
    return op == Shift::ShrS ? p.psrad(dst, src, count) : p.psrld(dst, src, count);
  }
  op == Shift::Shl ? p.psllq(dst, src, count) : p.psrlq(dst, src, count);
}

// Each byte twice, and the copy that counts on top of its word.
template <class Count>
void shift_bytes_signed(Packed& p, FReg dst, FReg src, Count count, FReg t, FReg u) {
  p.punpckhbw(t, src, src);
  p.punpcklbw(u, src, src);
  p.psraw(t, t, count);
  p.psraw(u, u, count);
  p.packsswb(dst, u, t);
}

}  // namespace

void Vectors::shift(Shift op, Lane lane, FReg dst, FReg src, unsigned count, FReg t, FReg u) {
  Packed p{asm_, avx_};
  if (count == 0) return p.move(dst, src);
  if (lane == Lane::I8) return shift_i8(op, dst, src, count, t, u);
  if (lane == Lane::I64 && op == Shift::ShrS) {
    p.psrlq(t, src, count);
    load_lanes(kT, kSign >> count);
    p.pxor(t, t, kT);
    return p.psubq(dst, t, kT);
  }
  shift_lanes(p, op, lane, dst, src, count);
}

void Vectors::shift_i8(Shift op, FReg dst, FReg src, unsigned count, FReg t, FReg u) {
  Packed p{asm_, avx_};
  if (op == Shift::ShrS) return shift_bytes_signed(p, dst, src, 8 + count, t, u);
  shift_lanes(p, op, Lane::I16, t, src, count);
  const unsigned mask = op == Shift::Shl ? 0xFFu << count : 0xFFu >> count;
  load_lanes(kT, static_cast<uint8_t>(mask));
  p.pand(dst, t, kT);
}

// The count for the shifts, modulo a power of two and with `more` added.
void Vectors::count_to_scratch(Reg count, unsigned mask, unsigned more) {
  const Gpr scratch = gpr(kScratch);
  asm_.mov(W32, scratch, gpr(count));
  asm_.and_(W32, scratch, mask);
  if (more != 0) asm_.add(W32, scratch, more);
  masm_.wrote(Size::S32, kScratch);
  asm_.movd(W32, xmm(kT), scratch);
}

void Vectors::shift(Shift op, Lane lane, FReg dst, FReg src, Reg count, FReg t, FReg u) {
  Packed p{asm_, avx_};
  if (lane == Lane::I8) return shift_i8(op, dst, src, count, t, u);
  count_to_scratch(count, bits_of(lane) - 1, 0);
  if (lane == Lane::I64 && op == Shift::ShrS) return shift_i64_s(dst, src, t, u);
  shift_lanes(p, op, lane, dst, src, kT);
}

// The sign, shifted too, is where the result's has to be: (x ^ s) - s extends it.
void Vectors::shift_i64_s(FReg dst, FReg src, FReg t, FReg u) {
  Packed p{asm_, avx_};
  p.psrlq(t, src, kT);
  load_lanes(u, kSign);
  p.psrlq(u, u, kT);
  p.pxor(t, t, u);
  p.psubq(dst, t, u);
}

void Vectors::shift_i8(Shift op, FReg dst, FReg src, Reg count, FReg t, FReg u) {
  Packed p{asm_, avx_};
  count_to_scratch(count, 7, op == Shift::ShrS ? 8 : 0);
  if (op == Shift::ShrS) return shift_bytes_signed(p, dst, src, kT, t, u);
  shift_lanes(p, op, Lane::I16, t, src, kT);
  // Ones shifted alike: the byte of a word into which none came from the other is the mask.
  load_ones(u);
  shift_lanes(p, op, Lane::I16, u, u, kT);
  if (op == Shift::ShrU) p.psrlw(u, u, 8u);
  load_zero(kT);
  p.pshufb(u, u, kT);
  p.pand(dst, t, u);
}

}  // namespace cordon::jit::masm
