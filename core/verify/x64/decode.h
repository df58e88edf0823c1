// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The decoder: bytes to the one row of forms.def that they match, with its operands. Default deny:
// a prefix that is no part of the form, a second one, a W or vvvv that the form does not take, a
// byte register that would be ah to bh, 256 bits: all are no instruction. No state, no allocation.
// Written from the SDM, volume 2; shares nothing with the assembler.
#pragma once

#include <span>
#include <string_view>

#include "core/abi/target.h"
#include "core/verify/isa.h"

namespace cordon::verify::x64 {

// General registers by the hardware's number, and as bits of a set.
enum Gpr : uint8_t { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15 };
inline constexpr uint8_t kNoRegister = 0xFF;
constexpr RegSet bit(unsigned reg) { return RegSet{1} << reg; }
inline constexpr RegSet kRaxRdx = bit(rax) | bit(rdx);

// The map of the opcode (the decoder's index), including a prefix that is a part of it.
enum class Map : uint8_t { One, M0F, M0F38, M0F3A, Unused, Vex0F, Vex0F38, Vex0F3A };
enum class Prefix : uint8_t { None, P66, PF3, PF2 };  // numbered as in VEX.pp

struct Opcode {  // built by chaining: op(0xC7).p66() / 0
  Map map;
  uint8_t byte;
  Prefix prefix = Prefix::None;
  uint8_t count = 1;  // opcodes in a row: 8 with a register in the low bits, 16 conditions
  int8_t ext = -1;    // ModRM.reg, where it is a part of the opcode
  bool has_modrm = true;

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
  // No ModRM byte follows; for low(), the opcode's low three bits are a register.
  constexpr Opcode alone() const { return with(&Opcode::has_modrm, false); }
  constexpr Opcode low() const { return alone().with(&Opcode::count, uint8_t{8}); }
  constexpr Opcode conditions() const { return with(&Opcode::count, uint8_t{16}); }
};
constexpr Opcode op(uint8_t byte) { return {Map::One, byte}; }  // without a prefix; so below
constexpr Opcode op0f(uint8_t byte) { return {Map::M0F, byte}; }
constexpr Opcode op38(uint8_t byte) { return {Map::M0F38, byte}; }
constexpr Opcode op3a(uint8_t byte) { return {Map::M0F3A, byte}; }
constexpr Opcode vex0f(uint8_t byte) { return {Map::Vex0F, byte}; }
constexpr Opcode vex38(uint8_t byte) { return {Map::Vex0F38, byte}; }
constexpr Opcode vex3a(uint8_t byte) { return {Map::Vex0F3A, byte}; }

// Bytes of the operation on general registers. V: 4, or 8 with W. N: no such operation. W must be 0
// for all but V and Q, and 1 for Q.
enum class Width : uint8_t { B, H, D, Q, V, N };

// The access to an operand: general register, xmm register.
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

// The effect on the upper half of each general register that is written.
enum class Upper : uint8_t {
  ByWidth,  // 32 bits clear it, 64 bits make it unknown, 8 and 16 leave it
  Zero,     // clear, whatever the width
  Copied,   // as ByWidth, but 64 bits take the source's
  Kept,     // clear if it was before
};

enum class Flow : uint8_t { Next, Nop, Jump, Branch, Call, CallThrough, JumpThrough, Return, Trap };

struct Effects {  // beyond those of its operands
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
                         kLzcnt = needs(abi::CpuFeature::Lzcnt), kAvx = needs(abi::CpuFeature::Avx),
                         kAvx2 = needs(abi::CpuFeature::Avx2);

// Conditions that the rules require, by the opcode's low four bits (SDM, appendix B.1.4.7).
inline constexpr unsigned kBelow = 2, kAboveEqual = 3, kEqual = 4, kNotEqual = 5, kSign = 8;

enum class Op : uint16_t {  // the rows of forms.def
#define FORM(name, ...) name,
#include "core/verify/x64/forms.def"
};

inline constexpr uint8_t kImmOfWidth = 0xFF;  // as many bytes of immediate as the operation has

struct Form {  // a row of forms.def; static storage
  Op op;
  std::string_view name;
  Opcode opcode;
  Width width;
  Use reg, rm, vvvv;  // ModRM.reg; ModRM.rm or the opcode, as a register; VEX.vvvv
  Memory memory;      // ModRM.rm as memory
  uint8_t imm;        // bytes, or kImmOfWidth
  Effects effects;
};

// The effects of an instruction on general registers, as operands and implicitly; registers that
// form an address are in no set.
struct RegSets {
  uint16_t reads, writes;
  // Subsets of `writes`: registers whose upper half becomes zero, or may be anything.
  uint16_t cleared, lost;
};

// A memory operand's registers, or kNoRegister; scale is 1, 2, 4 or 8.
struct Address {
  bool rip = false;  // [rip + disp]: base and index are none
  uint8_t base = kNoRegister, index = kNoRegister;
  uint8_t scale = 1;
  bool operator==(const Address&) const = default;
};

struct Shape {    // widths in bytes
  uint8_t width;  // bytes of the operation on general registers; 0 if there is none
  uint8_t memory_width;
  bool has_memory;
};

struct Insn : RegSets, Address, Shape {  // `disp` and `imm` are sign-extended
  uint8_t length;
  const Form* form;
  uint8_t cond;  // the opcode's low four bits
  // Register numbers of the operands that the form has; `rm` only where !has_memory.
  uint8_t reg, rm;
  int32_t disp;
  int64_t imm;

  bool is(Op op) const { return form->op == op; }  // only after decode() was true
  bool touches(Direction direction) const {
    return has_memory && form->memory.direction == direction;
  }
};

// The instruction at the start of `code`; false if it is not in the table or does not end there.
bool decode(ByteSpan code, Insn& out);

// The whole table, for tests.
std::span<const Form> all_forms();

}  // namespace cordon::verify::x64
