// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Floating point of the macro assembler, with the rules of WebAssembly where the processor has its
// own: NaN and zeroes of min and max, ranges of conversions to integers, unsigned 64-bit integers.
#include <algorithm>
#include <bit>
#include <limits>

#include "core/jit/masm/masm.h"
#include "core/jit/masm/x64/operand.h"

namespace cordon::jit::masm {

using namespace x64;

namespace {

// Masks for all bits of a register, so that andps and its kin can read them in place.
enum Mask : uint32_t { kAbs32 = 0, kSign32 = 16, kAbs64 = 32, kSign64 = 48, kMaskBytes = 64 };

constexpr auto kCommon = [] {
  std::array<uint8_t, kMaskBytes> bytes{};
  const auto put = [&bytes](uint32_t at, uint64_t value) {
    for (uint32_t i = 0; i < 16; ++i) {
      bytes[at + i] = static_cast<uint8_t>(value >> (8 * (i % 8)));
    }
  };
  put(kAbs32, 0x7FFF'FFFF'7FFF'FFFF);
  put(kSign32, 0x8000'0000'8000'0000);
  put(kAbs64, 0x7FFF'FFFF'FFFF'FFFF);
  put(kSign64, 0x8000'0000'0000'0000);
  return bytes;
}();

Mem abs_mask(FSize size) {
  return rip(External{kRefersToCommon | (size == FSize::F32 ? kAbs32 : kAbs64)});
}
Mem sign_mask(FSize size) {
  return rip(External{kRefersToCommon | (size == FSize::F32 ? kSign32 : kSign64)});
}

uint64_t bits_of(FSize size, double value) {
  return size == FSize::F32 ? std::bit_cast<uint32_t>(static_cast<float>(value))
                            : std::bit_cast<uint64_t>(value);
}

}  // namespace

ByteSpan common_constants() { return kCommon; }

Mem MacroAssembler::constant(FSize, uint64_t bits) {
  return rip(External{kRefersToRodata | pool_->scalar(bits)});
}

// Moves

void MacroAssembler::mov(FSize size, FReg dst, FReg src) {
  if (dst != src) asm_.movap(F32, xmm(dst), xmm(src));
  (void)size;
}
// For a vector `bits` is the number that Vectors::constant() gave.
void MacroAssembler::mov(FSize size, FReg dst, uint64_t bits) {
  if (bits == 0) return asm_.xorp(F32, xmm(dst), xmm(dst));
  if (size == FSize::V128) {
    const auto at = static_cast<uint32_t>(bits >> 1);
    const ByteSpan value = pool_->bytes().subspan(at, 16);
    const bool ones = std::ranges::all_of(value, [](uint8_t byte) { return byte == 0xFF; });
    if (ones) return asm_.pcmpeqd(xmm(dst), xmm(dst));
    return asm_.movup(F32, xmm(dst), rip(External{kRefersToRodata | at}));
  }
  asm_.movs(fwidth(size), xmm(dst), constant(size, bits));
}
void MacroAssembler::load(FSize size, FReg dst, uint32_t frame) {
  load(size, dst, mem(rsp, frame));
}
void MacroAssembler::store(FSize size, uint32_t frame, FReg src) {
  store(size, mem(rsp, frame), src);
}
// A vector needs no alignment.
void MacroAssembler::load(FSize size, FReg dst, const Mem& from) {
  if (size == FSize::V128) return asm_.movup(F32, xmm(dst), from);
  asm_.movs(fwidth(size), xmm(dst), from);
}
void MacroAssembler::store(FSize size, const Mem& to, FReg src) {
  if (size == FSize::V128) return asm_.movup(F32, to, xmm(src));
  asm_.movs(fwidth(size), to, xmm(src));
}
void MacroAssembler::zero_scratch() { asm_.xorp(F32, xmm(kFScratch), xmm(kFScratch)); }
void MacroAssembler::zero_pair(uint32_t frame) { asm_.movup(F32, mem(rsp, frame), xmm(kFScratch)); }

// Arithmetic

void MacroAssembler::fbinary(FBinary op, FSize size, FReg dst, FReg lhs, const Operand& rhs) {
  const FloatWidth f = fwidth(size);
  const bool in_reg = rhs.is(Operand::Kind::FReg);
  if (target_.has(abi::CpuFeature::Avx) && dst != lhs) {
    const auto emit = [&](const auto& right) {
      switch (op) {
        case FBinary::Add: return asm_.vadds(f, xmm(dst), xmm(lhs), right);
        case FBinary::Sub: return asm_.vsubs(f, xmm(dst), xmm(lhs), right);
        case FBinary::Mul: return asm_.vmuls(f, xmm(dst), xmm(lhs), right);
        case FBinary::Div: return asm_.vdivs(f, xmm(dst), xmm(lhs), right);
      }
    };
    return in_reg ? emit(xmm(rhs.as_freg())) : emit(source(rhs));
  }
  const auto emit = [&](const auto& right) {
    switch (op) {
      case FBinary::Add: return asm_.adds(f, xmm(dst), right);
      case FBinary::Sub: return asm_.subs(f, xmm(dst), right);
      case FBinary::Mul: return asm_.muls(f, xmm(dst), right);
      case FBinary::Div: return asm_.divs(f, xmm(dst), right);
    }
  };
  if (in_reg && rhs.as_freg() == dst && dst != lhs) {
    mov(size, kFScratch, dst);
    mov(size, dst, lhs);
    return emit(xmm(kFScratch));
  }
  mov(size, dst, lhs);
  in_reg ? emit(xmm(rhs.as_freg())) : emit(source(rhs));
}

// What writes only the low part of its destination waits for the rest of it, so that is cleared
// before.
void MacroAssembler::funary(FUnary op, FSize size, FReg dst, FReg src) {
  const FloatWidth f = fwidth(size);
  if (op == FUnary::Abs || op == FUnary::Neg) {
    mov(size, dst, src);
    if (op == FUnary::Abs) return asm_.andp(F32, xmm(dst), abs_mask(size));
    return asm_.xorp(F32, xmm(dst), sign_mask(size));
  }
  if (dst != src) asm_.xorp(F32, xmm(dst), xmm(dst));
  constexpr int64_t kNoInexact = 8;
  switch (op) {
    case FUnary::Sqrt: return asm_.sqrts(f, xmm(dst), xmm(src));
    case FUnary::Nearest: return asm_.rounds(f, xmm(dst), xmm(src), kNoInexact | 0);
    case FUnary::Floor: return asm_.rounds(f, xmm(dst), xmm(src), kNoInexact | 1);
    case FUnary::Ceil: return asm_.rounds(f, xmm(dst), xmm(src), kNoInexact | 2);
    default: return asm_.rounds(f, xmm(dst), xmm(src), kNoInexact | 3);
  }
}

void MacroAssembler::fcompare(FSize size, FReg lhs, const Operand& rhs) {
  if (rhs.is(Operand::Kind::FReg)) {
    asm_.ucomis(fwidth(size), xmm(lhs), xmm(rhs.as_freg()));
  } else {
    asm_.ucomis(fwidth(size), xmm(lhs), source(rhs));
  }
}

// Equal operands differ in their sign at most: or gives the least of two zeroes, and the greatest.
// A NaN comes out of the addition, quiet.
void MacroAssembler::min_or_max(bool min, FSize size, FReg dst, FReg lhs, FReg rhs) {
  const FloatWidth f = fwidth(size);
  const Xmm d = xmm(dst), r = xmm(rhs);
  Join differ = new_join(), unordered = new_join(), done = new_join();
  mov(size, dst, lhs);
  asm_.ucomis(f, d, r);
  jcc(Cond::NotEqual, differ);
  jcc(Cond::Parity, unordered);
  min ? asm_.orp(F32, d, r) : asm_.andp(F32, d, r);
  jump(done);
  bind(unordered);
  asm_.adds(f, d, r);
  jump(done);
  bind(differ);
  min ? asm_.mins(f, d, r) : asm_.maxs(f, d, r);
  bind(done);
}

void MacroAssembler::copysign(FSize size, FReg dst, FReg lhs, FReg sign) {
  mov(size, kFScratch, sign);
  asm_.andp(F32, xmm(kFScratch), sign_mask(size));
  mov(size, dst, lhs);
  asm_.andp(F32, xmm(dst), abs_mask(size));
  asm_.orp(F32, xmm(dst), xmm(kFScratch));
}

// Conversions

// After it the truncated value is in range. The bounds are those of sem::detail::trunc_fits: the
// upper one is exclusive; the lower one is the largest value out of range where `from` can
// represent that, otherwise the smallest in range.
void MacroAssembler::check_range(Size to, bool is_signed, FSize from, FReg src) {
  const FloatWidth f = fwidth(from);
  const double half = to == Size::S32 ? 0x1p31 : 0x1p63;
  const bool exact_below = from == FSize::F64 && to == Size::S32;
  asm_.ucomis(f, xmm(src), constant(from, bits_of(from, is_signed ? half : half * 2)));
  asm_.jcc(Cond::Parity, trap_label(Trap::invalid_conversion_to_integer));
  asm_.jcc(Cond::AboveEqual, trap_label(Trap::integer_overflow));
  const double low = !is_signed ? -1.0 : exact_below ? -half - 1 : -half;
  asm_.ucomis(f, xmm(src), constant(from, bits_of(from, low)));
  asm_.jcc(!is_signed || exact_below ? Cond::BelowEqual : Cond::Below,
           trap_label(Trap::integer_overflow));
}

// src is below 2^64 and above -1.
void MacroAssembler::truncate_u64(FSize from, Reg dst, FReg src) {
  const FloatWidth f = fwidth(from);
  Join small = new_join(), done = new_join();
  const Mem half = constant(from, bits_of(from, 0x1p63));
  asm_.ucomis(f, xmm(src), half);
  jcc(Cond::Below, small);
  mov(from, kFScratch, src);
  asm_.subs(f, xmm(kFScratch), half);
  asm_.cvtts2si(f, W64, gpr(dst), xmm(kFScratch));
  asm_.bts(W64, gpr(dst), 63);
  wrote(Size::S64, dst);
  jump(done);
  bind(small);
  asm_.cvtts2si(f, W64, gpr(dst), xmm(src));
  wrote(Size::S64, dst);
  bind(done);
}

void MacroAssembler::truncate(Size to, bool is_signed, FSize from, Reg dst, FReg src) {
  check_range(to, is_signed, from, src);
  if (to == Size::S64 && !is_signed) return truncate_u64(from, dst, src);
  // Unsigned 32 bits are a positive number of 64.
  asm_.cvtts2si(fwidth(from), is_signed ? width(to) : W64, gpr(dst), xmm(src));
  if (to == Size::S32 && !is_signed) asm_.mov(W32, gpr(dst), gpr(dst));
  wrote(to, dst);
}

// The processor gives the least number for whatever does not fit. After the comparison with zero:
// above for too large, parity for NaN.
void MacroAssembler::truncate_saturating(Size to, bool is_signed, FSize from, Reg dst, FReg src) {
  const FloatWidth f = fwidth(from);
  Join done = new_join();
  const auto compare_with_zero = [&] {
    asm_.xorp(F32, xmm(kFScratch), xmm(kFScratch));
    asm_.ucomis(f, xmm(src), xmm(kFScratch));
  };
  if (is_signed) {
    const Width w = width(to);
    asm_.cvtts2si(f, w, gpr(dst), xmm(src));
    wrote(to, dst);
    asm_.cmp(w, gpr(dst), 1);
    jcc(Cond::NoOverflow, done);
    compare_with_zero();
    const bool wide = to == Size::S64;
    mov(to, dst, wide ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int32_t>::max());
    jcc(Cond::Above, done);
    mov(to, dst, wide ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int32_t>::min());
    jcc(Cond::NoParity, done);
    mov(to, dst, int64_t{0});
    return bind(done);
  }
  if (to == Size::S32) {
    asm_.cvtts2si(f, W64, gpr(dst), xmm(src));
    wrote(Size::S64, dst);
    asm_.mov(W32, gpr(kScratch), gpr(dst));
    asm_.cmp(W64, gpr(kScratch), gpr(dst));
    asm_.mov(W32, gpr(dst), gpr(dst));
    wrote(to, dst);
    jcc(Cond::Equal, done);
    compare_with_zero();
    mov(to, dst, -1);
    jcc(Cond::Above, done);
    mov(to, dst, int64_t{0});
    return bind(done);
  }
  compare_with_zero();
  mov(to, dst, int64_t{0});
  jcc(Cond::BelowEqual, done);  // NaN as well
  asm_.ucomis(f, xmm(src), constant(from, bits_of(from, 0x1p64)));
  mov(to, dst, -1);
  jcc(Cond::AboveEqual, done);
  truncate_u64(from, dst, src);
  bind(done);
}

// An unsigned 64-bit number with its top bit is halved, its lowest bit kept so that rounding sees
// it.
void MacroAssembler::convert(FSize to, Size from, bool is_signed, FReg dst, Reg src) {
  const FloatWidth f = fwidth(to);
  asm_.xorp(F32, xmm(dst), xmm(dst));
  if (is_signed || from == Size::S32) {
    return asm_.cvtsi2s(f, is_signed ? width(from) : W64, xmm(dst), gpr(src));
  }
  Join large = new_join(), done = new_join();
  asm_.test(W64, gpr(src), gpr(src));
  jcc(Cond::Sign, large);
  asm_.cvtsi2s(f, W64, xmm(dst), gpr(src));
  jump(done);
  bind(large);
  asm_.mov(W64, gpr(kScratch), gpr(src));
  asm_.shr(W64, gpr(kScratch), 1);
  asm_.and_(W32, gpr(src), 1);
  asm_.or_(W64, gpr(kScratch), gpr(src));
  asm_.cvtsi2s(f, W64, xmm(dst), gpr(kScratch));
  asm_.adds(f, xmm(dst), xmm(dst));
  bind(done);
  u32_ &= ~(bit(kScratch) | bit(src));
}

void MacroAssembler::promote(FReg dst, FReg src) {
  if (dst != src) asm_.xorp(F32, xmm(dst), xmm(dst));
  asm_.cvtss2sd(xmm(dst), xmm(src));
}
void MacroAssembler::demote(FReg dst, FReg src) {
  if (dst != src) asm_.xorp(F32, xmm(dst), xmm(dst));
  asm_.cvtsd2ss(xmm(dst), xmm(src));
}
void MacroAssembler::reinterpret(Size size, Reg dst, FReg src) {
  asm_.movd(width(size), gpr(dst), xmm(src));
  wrote(size, dst);
}
void MacroAssembler::reinterpret(Size size, FReg dst, Reg src) {
  asm_.movd(width(size), xmm(dst), gpr(src));
}

}  // namespace cordon::jit::masm
