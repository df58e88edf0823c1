// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The vocabulary of forms.def, whose rows describe one encoding each. All of it is constexpr and
// read by the templates of encode.h at compile time; the test of the forms reads the same rows to
// know what a disassembler must show.
#pragma once

#include <cstdint>

#include "core/asm/x64/operands.h"

namespace cordon::x64 {

// The opcode map: one byte, 0F, 0F 38, 0F 3A (Intel SDM volume 2, 2.1.2), numbered as in VEX.mmmmm.
enum class OpcodeMap : uint8_t { Primary, M0F, M0F38, M0F3A };
enum class Prefix : uint8_t { None, P66, PF3, PF2 };  // numbered as in VEX.pp

// How the immediate of a form is stored, and which values fit.
enum class Imm : uint8_t {
  None,
  Full,   // as wide as the operation, 64-bit ones 32 bits sign-extended; both signs are taken
  Short,  // as Full, and by opcode | 2 with 8 sign-extended bits if these suffice
  Count,  // 8 bits: a bit number, below the width of the operation
  Byte,   // 8 bits without a sign
  All64,  // 64 bits
};

// Which widths a form has, how the caller names them, and how they are encoded. "Named" widths are
// the first parameters of the emitter.
enum class Sizing : uint8_t {
  Wall,     // named, 8 to 64: W8 by opcode - 1, W16 by 66, W64 by REX.W
  W16up,    // named, 16 to 64
  W32up,    // named, 32 or 64
  D,        // 32 bits
  Q,        // 64 bits; REX.W only if the row has it
  Fix,      // the row determines everything (xmm, or no operands at all)
  Scalar,   // named F32 or F64: prefix F3 or F2
  Packed,   // named F32 or F64: prefix none or 66; all 128 bits
  ScalarP,  // as Packed, but only the lowest element takes part
  FLow,     // named F32 or F64: the opcode's lowest bit
  ScalarW,  // named FloatWidth, then W32 or W64 of the integer
};

// Whether the emitter's caller names a Width, a FloatWidth; has_width(): whether the emitter takes
// this one. True if none is named.
constexpr bool names_width(Sizing s) {
  return s == Sizing::Wall || s == Sizing::W16up || s == Sizing::W32up || s == Sizing::ScalarW;
}
constexpr bool names_float(Sizing s) {
  return s == Sizing::Scalar || s == Sizing::Packed || s == Sizing::ScalarP || s == Sizing::FLow ||
         s == Sizing::ScalarW;
}

// W8 to W64 as the row's Sizing lists them; true for a Sizing whose emitter names no width.
constexpr bool has_width(Sizing s, Width w) {
  switch (s) {
    case Sizing::Wall: return w <= W64;
    case Sizing::W16up: return w >= W16 && w <= W64;
    case Sizing::W32up:
    case Sizing::ScalarW: return w == W32 || w == W64;
    default: return true;
  }
}

// Where each operand of a form is encoded, in the order of Intel's syntax, one letter each:
//   G X  general or xmm register in ModRM.reg       g x m  general, xmm, memory in ModRM.rm
//   V v  xmm or general register in VEX.vvvv        o      general register in the opcode
//   c    condition in the opcode                    i      immediate
struct Shape {
  bool condition = false, opcode_reg = false, memory = false, vvvv = false, rm = false;
  bool gpr_reg = false, gpr_rm = false;
};

// The operands that an emitter takes, from a zero-terminated text of the letters above. Letters
// without a flag of Shape are skipped.
constexpr Shape shape_of(const char* letters) {
  Shape shape;
  for (; *letters != '\0'; ++letters) {
    switch (*letters) {
      case 'c': shape.condition = true; break;
      case 'G': shape.gpr_reg = true; break;
      case 'g': shape.rm = shape.gpr_rm = true; break;
      case 'x': shape.rm = true; break;
      case 'm': shape.rm = shape.memory = true; break;
      case 'v':
      case 'V': shape.vvvv = true; break;
      case 'o': shape.opcode_reg = true; break;
      default: break;
    }
  }
  return shape;
}

// One row's encoding. Built in the table by chaining: op0f(0xBA).ext(4).imm(Imm::Count).
struct Encoding {
  uint8_t opcode;
  OpcodeMap map;
  Prefix prefix_ = Prefix::None;
  uint8_t ext_ = 0;  // ModRM.reg if no operand is encoded there
  Imm imm_ = Imm::None;
  bool rex_w = false;
  bool vex_ = false;
  uint16_t rm_bits = 0;     // width of the rm operand if it differs from the operation's
  uint16_t reg_bits = 0;    // the same of the reg operand
  bool implied_cl = false;  // the disassembler shows a last operand cl

  // Each returns a copy with one more property: here the mandatory prefix byte, or VEX.pp.
  constexpr Encoding prefix(Prefix value) const {
    Encoding copy = *this;
    copy.prefix_ = value;
    return copy;
  }
  // A number from 0 to 7 in ModRM.reg.
  constexpr Encoding ext(uint8_t value) const {
    Encoding copy = *this;
    copy.ext_ = value;
    return copy;
  }
  // How the immediate is stored.
  constexpr Encoding imm(Imm value) const {
    Encoding copy = *this;
    copy.imm_ = value;
    return copy;
  }
  // REX.W, or VEX.W with vex(), whatever width is named.
  constexpr Encoding w() const {
    Encoding copy = *this;
    copy.rex_w = true;
    return copy;
  }
  // A VEX prefix; the map and the prefix byte become fields of it.
  constexpr Encoding vex() const {
    Encoding copy = *this;
    copy.vex_ = true;
    return copy;
  }
  // Width in bits of the rm and of the reg operand, for the test that reads a disassembly.
  constexpr Encoding rm(uint16_t value) const {
    Encoding copy = *this;
    copy.rm_bits = value;
    return copy;
  }
  constexpr Encoding reg(uint16_t value) const {
    Encoding copy = *this;
    copy.reg_bits = value;
    return copy;
  }
  // The form shifts or rotates by cl, which no operand of the emitter names.
  constexpr Encoding cl() const {
    Encoding copy = *this;
    copy.implied_cl = true;
    return copy;
  }
};

// An opcode of each of the four maps, without any other property.
constexpr Encoding op(uint8_t opcode) { return {opcode, OpcodeMap::Primary}; }
constexpr Encoding op0f(uint8_t opcode) { return {opcode, OpcodeMap::M0F}; }
constexpr Encoding op38(uint8_t opcode) { return {opcode, OpcodeMap::M0F38}; }
constexpr Encoding op3a(uint8_t opcode) { return {opcode, OpcodeMap::M0F3A}; }

}  // namespace cordon::x64
