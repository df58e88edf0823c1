// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operands of x86-64 instructions: registers, widths, conditions, memory. Plain values of at most
// two registers. A memory operand is encoded when it is made, so that the emitters only store it;
// one that has no encoding is marked, and its use is an error of the compile ([E1]).
#pragma once

#include <cstdint>

#include "core/asm/label.h"
#include "core/asm/relocation.h"

namespace cordon::x64 {

// A general register without its width, which each instruction gives.
enum class Gpr : uint8_t {
  rax,
  rcx,
  rdx,
  rbx,
  rsp,
  rbp,
  rsi,
  rdi,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,            //
  no_gpr = 0xFF,  // a register that was not allocated: no instruction takes it
};
enum class Xmm : uint8_t {
  xmm0,
  xmm1,
  xmm2,
  xmm3,
  xmm4,
  xmm5,
  xmm6,
  xmm7,
  xmm8,
  xmm9,
  xmm10,
  xmm11,
  xmm12,
  xmm13,
  xmm14,
  xmm15,  //
  no_xmm = 0xFF,
};
enum class Width : uint8_t { W8, W16, W32, W64 };  // of an integer operation, in bits
enum class FloatWidth : uint8_t { F32, F64 };      // of a floating-point operation

// The conditions of Jcc, SETcc and CMOVcc, one for each row that CONDITION expands; the value is
// the low nibble of the opcode (Intel SDM volume 2, appendix B.1.4).
enum class Cond : uint8_t {
#define CONDITION(name, code, suffix) name = code,
#include "core/asm/x64/conditions.def"
};
// The condition that holds exactly when `cond` does not.
constexpr Cond negate(Cond cond) { return static_cast<Cond>(static_cast<uint8_t>(cond) ^ 1); }

using enum Gpr;
using enum Xmm;
using enum Width;
using enum FloatWidth;
using emit::External;
using emit::Label;
using emit::Relocation;

// A memory operand. It is made by the functions below, and holds its ModRM, SIB and displacement
// ready to store. Displacements take the 8-bit form when they fit it.
class Mem {
 public:
  // What the emitters store: ModRM without its reg field, SIB if there is one, displacement, in the
  // order of memory; `bytes` of these count. `rex` has X and B. A label's or an external's number
  // takes the place of the displacement.
  struct Encoded {
    uint64_t tail = 0;
    uint8_t bytes = 0;
    uint8_t rex = 0;
    uint8_t kind = 0;

    // A label's or an external's number; meaningful for those two kinds only.
    constexpr uint32_t number() const { return static_cast<uint32_t>(tail >> 8); }
  };
  // kInvalid marks an operand without an encoding, whose use is an error of the compile.
  enum Kind : uint8_t { kRegisters, kLabel, kExternal, kInvalid };

  const Encoded& encoded() const { return encoded_; }

 private:
  constexpr explicit Mem(const Encoded& encoded) : encoded_(encoded) {}
  static constexpr Mem invalid() { return Mem({.kind = kInvalid}); }
  static constexpr Mem with_index(Gpr base, Gpr index, unsigned log2_scale, int64_t disp);
  // Without SIB, and with one.
  static constexpr uint64_t tail_of(unsigned modrm, int64_t disp) {
    return modrm | uint64_t{static_cast<uint32_t>(disp)} << 8;
  }
  static constexpr uint64_t tail_of(unsigned modrm, unsigned sib, int64_t disp) {
    return modrm | sib << 8 | uint64_t{static_cast<uint32_t>(disp)} << 16;
  }
  static constexpr Mem at_number(Kind kind, uint32_t number) {
    return Mem({.tail = tail_of(5, number), .bytes = 5, .kind = kind});
  }

  friend constexpr Mem mem(Gpr base, int64_t disp);
  friend constexpr Mem mem(Gpr base, Gpr index, int64_t disp);
  friend constexpr Mem mem_scaled(Gpr base, Gpr index, unsigned scale, int64_t disp);
  friend constexpr Mem mem_scaled(Gpr index, unsigned scale, int64_t disp);
  friend constexpr Mem mem_disp32(Gpr base, int64_t disp);
  friend constexpr Mem rip(Label label);
  friend constexpr Mem rip(External external);

  Encoded encoded_;
};

// [base + disp]. The displacement must fit a signed 32-bit number, else the operand is invalid.
constexpr Mem mem(Gpr base, int64_t disp = 0);
// [base + index + disp]. rsp cannot be an index.
constexpr Mem mem(Gpr base, Gpr index, int64_t disp = 0);
// [base + index * scale + disp] and [index * scale + disp], scale 1, 2, 4 or 8.
constexpr Mem mem_scaled(Gpr base, Gpr index, unsigned scale, int64_t disp = 0);
constexpr Mem mem_scaled(Gpr index, unsigned scale, int64_t disp = 0);
// [base + disp], always with 32 bits of displacement, which are the last four bytes of an
// instruction without immediate: for patch32().
constexpr Mem mem_disp32(Gpr base, int64_t disp = 0);
// The bytes at a label of the same buffer; those of a target outside of it (see relocations()).
constexpr Mem rip(Label label);
constexpr Mem rip(External external);

namespace detail {
// ModRM.mod and the size of the displacement it announces. rbp and r13 always need one.
struct DispForm {
  uint8_t mod, bytes;
};
// The shortest displacement for `base`, a register's number; `mod` is in bits 6 and 7.
constexpr DispForm disp_form(unsigned base, int64_t disp) {
  // Without branches, since displacements are unpredictable.
  const bool wide = disp != static_cast<int8_t>(disp);
  const bool any = disp != 0 || (base & 7) == 5;
  return {static_cast<uint8_t>((any + wide) << 6), static_cast<uint8_t>(any + 3 * wide)};
}
constexpr bool fits_i32(int64_t value) { return value == static_cast<int32_t>(value); }
}  // namespace detail

constexpr Mem mem(Gpr base, int64_t disp) {
  const auto b = static_cast<unsigned>(base);
  if (b > 15 || !detail::fits_i32(disp)) return Mem::invalid();  // [E1]
  const detail::DispForm form = detail::disp_form(b, disp);
  const unsigned modrm = form.mod | (b & 7);
  // ModRM.rm = 100 announces a SIB byte, so rsp and r12 as bases need one that says "no index".
  const bool has_sib = (b & 7) == 4;
  return Mem({.tail = has_sib ? Mem::tail_of(modrm, 0x24, disp) : Mem::tail_of(modrm, disp),
              .bytes = static_cast<uint8_t>(1 + has_sib + form.bytes),
              .rex = static_cast<uint8_t>(b >> 3),
              .kind = Mem::kRegisters});
}

constexpr Mem Mem::with_index(Gpr base, Gpr index, unsigned log2_scale, int64_t disp) {
  const auto b = static_cast<unsigned>(base);
  const auto x = static_cast<unsigned>(index);
  if ((b | x) > 15 || index == rsp || !detail::fits_i32(disp)) return invalid();  // [E1]
  const detail::DispForm form = detail::disp_form(b, disp);
  return Mem({.tail = tail_of(form.mod | 4u, log2_scale << 6 | (x & 7) << 3 | (b & 7), disp),
              .bytes = static_cast<uint8_t>(2 + form.bytes),
              .rex = static_cast<uint8_t>((x >> 3) << 1 | b >> 3),
              .kind = kRegisters});
}

constexpr Mem mem(Gpr base, Gpr index, int64_t disp) {
  return Mem::with_index(base, index, 0, disp);
}

constexpr Mem mem_scaled(Gpr base, Gpr index, unsigned scale, int64_t disp) {
  if (scale == 0 || scale > 8 || (scale & (scale - 1)) != 0) return Mem::invalid();  // [E1]
  return Mem::with_index(base, index, static_cast<unsigned>(__builtin_ctz(scale)), disp);
}

constexpr Mem mem_scaled(Gpr index, unsigned scale, int64_t disp) {
  // "No base" is spelled rbp with mod 00, and always has 32 bits of displacement.
  Mem operand = mem_scaled(rbp, index, scale, disp);
  if (operand.encoded_.kind == Mem::kInvalid) return operand;
  operand.encoded_.tail = (operand.encoded_.tail & ~uint64_t{0xFF}) | 4;
  operand.encoded_.bytes = 6;
  return operand;
}

constexpr Mem mem_disp32(Gpr base, int64_t disp) {
  Mem operand = mem(base, disp);
  if (operand.encoded_.kind == Mem::kInvalid) return operand;
  const uint64_t rm = operand.encoded_.tail & 7;
  operand.encoded_.tail = (operand.encoded_.tail & ~uint64_t{0xFF}) | 0x80 | rm;
  operand.encoded_.bytes = rm == 4 ? 6 : 5;
  return operand;
}

constexpr Mem rip(Label label) { return Mem::at_number(Mem::kLabel, label.id); }
constexpr Mem rip(External external) { return Mem::at_number(Mem::kExternal, external.id); }

}  // namespace cordon::x64
