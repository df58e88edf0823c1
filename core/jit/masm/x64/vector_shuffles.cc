// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shuffles of Vectors: the one or two instructions that pick the lanes wanted. Lanes are numbers of
// bytes, those of the second operand from 16 on.
#include <algorithm>

#include "core/jit/masm/x64/packed.h"
#include "core/jit/masm/x64/vectors.h"

namespace cordon::jit::masm {

using namespace x64;

namespace {

constexpr FReg kT = kFScratch;
constexpr uint8_t kNothing = 0x80;  // pshufb makes it 0

// Whether lanes come in groups of `bytes` that stay together and start on a multiple of it; then
// `groups` are their numbers.
template <size_t kCount>
bool in_groups(const VectorBytes& lanes, std::array<uint8_t, kCount>& groups) {
  constexpr unsigned kBytes = 16 / kCount;
  for (unsigned i = 0; i < lanes.size(); ++i) {
    const unsigned first = lanes[i - i % kBytes];
    if (first % kBytes != 0 || lanes[i] != first + i % kBytes) return false;
    groups[i / kBytes] = static_cast<uint8_t>(first / kBytes);
  }
  return true;
}

// The immediate of pshufd and its kin.
unsigned picks(const uint8_t* groups) {
  unsigned imm = 0;
  for (unsigned i = 0; i < 4; ++i) imm |= (groups[i] & 3u) << (2 * i);
  return imm;
}

// The lanes of punpckl and punpckh for elements of so many bytes.
VectorBytes interleaved(unsigned bytes, bool high) {
  VectorBytes lanes;
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned element = i / bytes;
    lanes[i] = static_cast<uint8_t>((element % 2 != 0 ? 16 : 0) + (high ? 8 : 0) +
                                    element / 2 * bytes + i % bytes);
  }
  return lanes;
}

// The lanes in a row from `lanes[0]` on, modulo `size`.
bool in_a_row(const VectorBytes& lanes, unsigned size) {
  for (unsigned i = 1; i < lanes.size(); ++i) {
    if (lanes[i] != (lanes[0] + i) % size) return false;
  }
  return true;
}

VectorBytes exchanged(VectorBytes lanes) {
  for (uint8_t& lane : lanes) lane ^= 16;
  return lanes;
}

void interleave(Packed& p, unsigned bytes, bool high, FReg dst, FReg lhs, FReg rhs) {
  switch (bytes) {
    case 1: return high ? p.punpckhbw(dst, lhs, rhs) : p.punpcklbw(dst, lhs, rhs);
    case 2: return high ? p.punpckhwd(dst, lhs, rhs) : p.punpcklwd(dst, lhs, rhs);
    case 4: return high ? p.punpckhdq(dst, lhs, rhs) : p.punpckldq(dst, lhs, rhs);
    default: return high ? p.punpckhqdq(dst, lhs, rhs) : p.punpcklqdq(dst, lhs, rhs);
  }
}

}  // namespace

void Vectors::bytes(FReg dst, FReg src, const VectorBytes& lanes) {
  load_constant(kT, lanes);
  Packed{asm_, avx_}.pshufb(dst, src, kT);
}

bool Vectors::shuffle_one(FReg dst, FReg src, const VectorBytes& lanes) {
  Packed p{asm_, avx_};
  std::array<uint8_t, 4> dwords;
  if (in_groups(lanes, dwords)) {
    const unsigned imm = picks(dwords.data());
    imm == 0xE4 ? p.move(dst, src) : asm_.pshufd(xmm(dst), xmm(src), imm);
    return true;
  }
  if (in_a_row(lanes, 16)) {
    p.palignr(dst, src, src, lanes[0]);
    return true;
  }
  for (const unsigned size : {1u, 2u}) {
    for (const bool high : {false, true}) {
      VectorBytes both = interleaved(size, high);
      for (uint8_t& lane : both) lane &= 15;
      if (lanes != both) continue;
      interleave(p, size, high, dst, src, src);
      return true;
    }
  }
  std::array<uint8_t, 8> words;
  if (!in_groups(lanes, words)) return false;
  const auto stays = [&](unsigned from) {
    for (unsigned i = from; i < from + 4; ++i) {
      if (words[i] != i) return false;
    }
    return true;
  };
  const auto within = [&](unsigned from) {
    return std::all_of(&words[from], &words[from] + 4,
                       [&](uint8_t w) { return w / 4 == from / 4; });
  };
  if (stays(4) && within(0)) {
    asm_.pshuflw(xmm(dst), xmm(src), picks(words.data()));
    return true;
  }
  if (stays(0) && within(4)) {
    asm_.pshufhw(xmm(dst), xmm(src), picks(&words[4]));
    return true;
  }
  return false;
}

bool Vectors::shuffle_two(FReg dst, FReg lhs, FReg rhs, const VectorBytes& lanes) {
  Packed p{asm_, avx_};
  for (const unsigned size : {1u, 2u, 4u, 8u}) {
    for (const bool high : {false, true}) {
      if (lanes != interleaved(size, high)) continue;
      interleave(p, size, high, dst, lhs, rhs);
      return true;
    }
  }
  // palignr has its second source below the first.
  if (lanes[0] < 16 && in_a_row(lanes, 32)) {
    p.palignr(dst, rhs, lhs, lanes[0]);
    return true;
  }
  std::array<uint8_t, 4> dwords;
  if (in_groups(lanes, dwords) && std::max(dwords[0], dwords[1]) < 4 &&
      std::min(dwords[2], dwords[3]) >= 4) {
    p.shufps(dst, lhs, rhs, picks(dwords.data()));
    return true;
  }
  std::array<uint8_t, 8> words;
  if (!in_groups(lanes, words)) return false;
  unsigned from_right = 0;
  for (unsigned i = 0; i < words.size(); ++i) {
    if (words[i] % 8 != i) return false;
    from_right |= words[i] >= 8 ? 1u << i : 0;
  }
  p.pblendw(dst, lhs, rhs, from_right);
  return true;
}

void Vectors::shuffle(FReg dst, FReg lhs, FReg rhs, const VectorBytes& lanes, FReg t) {
  VectorBytes one = lanes;
  const bool is_left = std::ranges::all_of(lanes, [](uint8_t lane) { return lane < 16; });
  const bool is_right = std::ranges::all_of(lanes, [](uint8_t lane) { return lane >= 16; });
  if (is_left || is_right || lhs == rhs) {
    for (uint8_t& lane : one) lane &= 15;
    const FReg src = is_right ? rhs : lhs;
    if (!shuffle_one(dst, src, one)) bytes(dst, src, one);
    return;
  }
  if (shuffle_two(dst, lhs, rhs, lanes) || shuffle_two(dst, rhs, lhs, exchanged(lanes))) return;
  VectorBytes other;
  for (unsigned i = 0; i < lanes.size(); ++i) {
    one[i] = lanes[i] < 16 ? lanes[i] : kNothing;
    other[i] = lanes[i] < 16 ? kNothing : lanes[i] & 15;
  }
  bytes(t, lhs, one);
  load_constant(kT, other);
  // The left operand has been read, so the other's lanes may go where the result will be.
  Packed p{asm_, avx_};
  p.pshufb(dst, rhs, kT);
  p.por(dst, dst, t);
}

// Indices from 16 on give 0: saturated they have the bit that does so.
void Vectors::swizzle(FReg dst, FReg lhs, FReg rhs, FReg t) {
  Packed p{asm_, avx_};
  load_lanes(kT, uint8_t{0x70});
  p.paddusb(t, rhs, kT);
  p.pshufb(dst, lhs, t);
}
void Vectors::swizzle(FReg dst, FReg lhs, const VectorBytes& indices) {
  VectorBytes lanes = indices;
  for (uint8_t& lane : lanes) lane = lane < 16 ? lane : kNothing;
  bytes(dst, lhs, lanes);
}

}  // namespace cordon::jit::masm
