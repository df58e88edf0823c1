// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The words in which forms.def is written: what one row says about one form of one instruction,
// and all that the decoder and the rules know of it. Written from the SDM, volume 2; shares nothing
// with the assembler.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon::verify::x64 {

// General registers by the hardware's number, and as bits of a set.
enum Gpr : uint8_t { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15 };
inline constexpr uint8_t kNoRegister = 0xFF;
using RegSet = uint32_t;
constexpr RegSet bit(unsigned reg) { return RegSet{1} << reg; }

// Where the opcode stands (the decoder's index), and the prefix that is a part of it.
enum class Map : uint8_t { One, M0F, M0F38, M0F3A, Unused, Vex0F, Vex0F38, Vex0F3A };
enum class Prefix : uint8_t { None, P66, PF3, PF2 };  // numbered as in VEX.pp

struct Opcode {
  Map map;
  uint8_t byte;
  Prefix prefix = Prefix::None;
  uint8_t count = 1;  // opcodes in a row: 8 with a register in the low bits, 16 conditions
  int8_t ext = -1;    // ModRM.reg, where it is a part of the opcode
  bool has_modrm = true;
  bool has_vvvv = false;

  constexpr Opcode p66() const { return with(Prefix::P66); }
  constexpr Opcode f3() const { return with(Prefix::PF3); }
  constexpr Opcode f2() const { return with(Prefix::PF2); }
  constexpr Opcode with(Prefix value) const {
    Opcode copy = *this;
    copy.prefix = value;
    return copy;
  }
  constexpr Opcode operator/(int value) const {
    Opcode copy = *this;
    copy.ext = static_cast<int8_t>(value);
    return copy;
  }
  // No ModRM byte follows.
  constexpr Opcode alone() const {
    Opcode copy = *this;
    copy.has_modrm = false;
    return copy;
  }
  // ... but the low three bits are a register.
  constexpr Opcode low() const {
    Opcode copy = alone();
    copy.count = 8;
    return copy;
  }
  constexpr Opcode conditions() const {
    Opcode copy = *this;
    copy.count = 16;
    return copy;
  }
};
constexpr Opcode op(uint8_t byte) { return {Map::One, byte}; }
constexpr Opcode op0f(uint8_t byte) { return {Map::M0F, byte}; }
constexpr Opcode op3a(uint8_t byte) { return {Map::M0F3A, byte}; }
constexpr Opcode vex(Map map, uint8_t byte, bool has_vvvv) {
  Opcode opcode{map, byte};
  opcode.has_vvvv = has_vvvv;
  return opcode;
}
constexpr Opcode vex0f(uint8_t byte) { return vex(Map::Vex0F, byte, false); }
constexpr Opcode vex0f3(uint8_t byte) { return vex(Map::Vex0F, byte, true); }
constexpr Opcode vex38(uint8_t byte) { return vex(Map::Vex0F38, byte, true); }
constexpr Opcode vex3a(uint8_t byte) { return vex(Map::Vex0F3A, byte, false); }
constexpr Opcode vex3a3(uint8_t byte) { return vex(Map::Vex0F3A, byte, true); }

// Bytes of the operation on general registers. V: 4, or 8 with W. N: no such operation. W must be 0
// for all but V and Q, and 1 for Q.
enum class Width : uint8_t { B, H, D, Q, V, N };

// What is done to an operand: general register, xmm register.
enum class Use : uint8_t { None = 0, Gr = 1, Gw = 2, Gu = 3, Xr = 5, Xw = 6, Xu = 7 };
constexpr unsigned kReads = 1, kWrites = 2, kIsXmm = 4;

// A memory operand of `width` bytes (0: as wide as the operation). Address and Ignored touch none.
enum class Direction : uint8_t { None, Read, Write, Update, Address, Ignored };
struct Memory {
  Direction direction = Direction::None;
  uint8_t width = 0;
  bool aligned = false;  // faults unless on a multiple of its width
};
inline constexpr Memory kNoMem{};
constexpr Memory mr(uint8_t width = 0) { return {Direction::Read, width}; }
constexpr Memory mw(uint8_t width = 0) { return {Direction::Write, width}; }
constexpr Memory mu(uint8_t width = 0) { return {Direction::Update, width}; }
constexpr Memory mr_aligned(uint8_t width) { return {Direction::Read, width, true}; }
inline constexpr Memory kAddress{Direction::Address}, kIgnored{Direction::Ignored};

// What becomes of the upper half of each general register that is written.
enum class Upper : uint8_t {
  ByWidth,  // 32 bits clear it, 64 bits make it unknown, 8 and 16 leave it
  Zero,     // clear, whatever the width
  Copied,   // as ByWidth, but 64 bits take the source's
  Kept,     // clear if it was before
};

enum class Flow : uint8_t { Next, Nop, Jump, Branch, Call, CallMemory, JumpRegister, Return, Trap };

struct Effects {
  RegSet implicit_reads = 0, implicit_writes = 0;
  Upper upper = Upper::ByWidth;
  Flow flow = Flow::Next;
  uint32_t feature = 0;  // bit of abi::CpuFeature

  constexpr Effects reads(RegSet set) const {
    Effects copy = *this;
    copy.implicit_reads = set;
    return copy;
  }
  constexpr Effects writes(RegSet set) const {
    Effects copy = *this;
    copy.implicit_writes = set;
    return copy;
  }
  constexpr Effects is(Upper value) const {
    Effects copy = *this;
    copy.upper = value;
    return copy;
  }
  constexpr Effects is(Flow value) const {
    Effects copy = *this;
    copy.flow = value;
    return copy;
  }
  template <class Feature>
  constexpr Effects needs(Feature value) const {
    Effects copy = *this;
    copy.feature = static_cast<uint32_t>(value);
    return copy;
  }
};
inline constexpr Effects kPlain{};

// Conditions that the rules ask for, by the opcode's low four bits (SDM, appendix B.1.4.7).
inline constexpr unsigned kBelow = 2, kAboveEqual = 3, kEqual = 4, kNotEqual = 5, kSign = 8;

enum class Op : uint8_t {
#define FORM(name, ...) name,
#include "core/verify/x64/forms.def"
};

inline constexpr uint8_t kImmOfWidth = 0xFF;  // as many bytes of immediate as the operation has

struct Form {
  Op op;
  std::string_view name;
  Opcode opcode;
  Width width;
  Use reg, rm, vvvv;  // ModRM.reg; ModRM.rm or the opcode, as a register; VEX.vvvv
  Memory memory;      // ModRM.rm as memory
  uint8_t imm;        // bytes, or kImmOfWidth
  Effects effects;
};

}  // namespace cordon::verify::x64
