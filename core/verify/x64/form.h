// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The words in which forms.def is written: what one row says about one form of one instruction,
// and all that the decoder and the rules know of it. Written from the SDM, volume 2; shares nothing
// with the assembler.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/abi/target.h"
#include "core/verify/isa.h"

namespace cordon::verify::x64 {

// General registers by the hardware's number, and as bits of a set.
enum Gpr : uint8_t { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15 };
inline constexpr uint8_t kNoRegister = 0xFF;
constexpr RegSet bit(unsigned reg) { return RegSet{1} << reg; }
inline constexpr RegSet kRaxRdx = bit(rax) | bit(rdx);

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

  template <class Value>
  constexpr Opcode with(Value Opcode::* member, Value value) const {
    Opcode copy = *this;
    copy.*member = value;
    return copy;
  }
  constexpr Opcode p66() const { return with(&Opcode::prefix, Prefix::P66); }
  constexpr Opcode f3() const { return with(&Opcode::prefix, Prefix::PF3); }
  constexpr Opcode f2() const { return with(&Opcode::prefix, Prefix::PF2); }
  constexpr Opcode operator/(int8_t value) const { return with(&Opcode::ext, value); }
  // No ModRM byte follows.
  constexpr Opcode alone() const { return with(&Opcode::has_modrm, false); }
  // ... but the low three bits are a register.
  constexpr Opcode low() const { return alone().with(&Opcode::count, uint8_t{8}); }
  constexpr Opcode conditions() const { return with(&Opcode::count, uint8_t{16}); }
  constexpr Opcode with_vvvv() const { return with(&Opcode::has_vvvv, true); }
};
constexpr Opcode op(uint8_t byte) { return {Map::One, byte}; }
constexpr Opcode op0f(uint8_t byte) { return {Map::M0F, byte}; }
constexpr Opcode op3a(uint8_t byte) { return {Map::M0F3A, byte}; }
constexpr Opcode vex0f(uint8_t byte) { return Opcode{Map::Vex0F, byte}.with_vvvv(); }
constexpr Opcode vex38(uint8_t byte) { return Opcode{Map::Vex0F38, byte}.with_vvvv(); }

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

enum class Flow : uint8_t { Next, Nop, Jump, Branch, Call, CallThrough, JumpThrough, Return, Trap };

struct Effects {
  RegSet implicit_reads = 0, implicit_writes = 0;
  Upper upper = Upper::ByWidth;
  Flow flow = Flow::Next;
  uint32_t feature = 0;  // bit of abi::CpuFeature
};
inline constexpr Effects kPlain{};
constexpr Effects implicit(RegSet reads, RegSet writes) { return {reads, writes}; }
constexpr Effects upper(Upper value) { return {.upper = value}; }
constexpr Effects flow(Flow value) { return {.flow = value}; }
constexpr Effects needs(abi::CpuFeature value) { return {.feature = static_cast<uint32_t>(value)}; }
inline constexpr Effects kBmi1 = needs(abi::CpuFeature::Bmi1), kBmi2 = needs(abi::CpuFeature::Bmi2),
                         kLzcnt = needs(abi::CpuFeature::Lzcnt), kAvx = needs(abi::CpuFeature::Avx);

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
