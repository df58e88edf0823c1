// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bytes of one instruction from a row of forms.def. The row is a template argument, so
// what is left at run time is a handful of stores to a moving pointer, without branches: an
// optional byte is always stored and the pointer moves past it only if it counts. All stores
// are within CodeBuffer::kInstructionRoom. The caller has checked the operands,
// Assembler::emit_* ([E1]).
#pragma once

#include <cstdint>
#include <cstring>

#include "core/asm/x64/form.h"

namespace cordon::x64 {

// The operands of one instruction by place of encoding. Unused ones are 0.
struct Parts {
  Width width = W32;
  FloatWidth float_width = F32;
  uint8_t cond = 0;
  uint8_t reg = 0;
  uint8_t rm = 0;  // a register in ModRM.rm or in the opcode
  uint8_t vvvv = 0;
  int64_t imm = 0;
  Mem::Encoded mem = {};
};

namespace detail {

// Store in little-endian order, at any alignment.
[[gnu::always_inline]] inline void store32(uint8_t* p, uint32_t value) {
  std::memcpy(p, &value, sizeof value);
}
[[gnu::always_inline]] inline void store64(uint8_t* p, uint64_t value) {
  std::memcpy(p, &value, sizeof value);
}

// Whether the instruction has REX.W or VEX.W set.
constexpr bool is_wide(Sizing sizing, Encoding encoding, Width width) {
  return encoding.rex_w || (names_width(sizing) && width == W64);
}

// The number of VEX.pp, and of the prefix byte before REX.
template <Encoding kForm, Sizing kSizing>
constexpr uint8_t prefix_number(FloatWidth f) {
  if (kSizing == Sizing::Scalar || kSizing == Sizing::ScalarW) return f == F32 ? 2 : 3;
  if (kSizing == Sizing::Packed || kSizing == Sizing::ScalarP) return f == F32 ? 0 : 1;
  return static_cast<uint8_t>(kForm.prefix_);
}

// The opcode with the parts that the row determines: condition, W8's opcode, F64's opcode. A
// register in the opcode is not included.
template <Encoding kForm, Sizing kSizing>
constexpr uint8_t opcode_byte(const Parts& parts) {
  uint8_t opcode = static_cast<uint8_t>(kForm.opcode + parts.cond);
  if (kSizing == Sizing::Wall) opcode = static_cast<uint8_t>(opcode - (parts.width == W8));
  if (kSizing == Sizing::FLow) opcode = static_cast<uint8_t>(opcode + (parts.float_width == F64));
  return opcode;
}

// Whether a byte register 4 to 7 needs a REX prefix to be spl..dil instead of ah..bh.
template <Encoding kForm, Shape kShape, Sizing kSizing>
constexpr bool needs_rex(const Parts& parts) {
  const bool narrow = kSizing == Sizing::Wall && parts.width == W8;
  bool needed = false;
  if (kShape.gpr_rm && (kForm.rm_bits == 8 || (narrow && kForm.rm_bits == 0))) {
    needed |= parts.rm >= 4;
  }
  if (kShape.gpr_reg && narrow && kForm.reg_bits == 0) needed |= parts.reg >= 4;
  return needed;
}

// Legacy prefixes, REX and opcode. `rex` has R, X, B in bits 2..0.
template <Encoding kForm, Shape kShape, Sizing kSizing>
[[gnu::always_inline]] inline uint8_t* put_legacy(uint8_t* p, const Parts& parts, unsigned rex,
                                                  uint8_t opcode) {
  if constexpr (kSizing == Sizing::Wall || kSizing == Sizing::W16up) {
    *p = 0x66;
    p += parts.width == W16;
  }
  if constexpr (kSizing == Sizing::Scalar || kSizing == Sizing::ScalarW) {
    *p++ = parts.float_width == F32 ? 0xF3 : 0xF2;
  } else if constexpr (kSizing == Sizing::Packed || kSizing == Sizing::ScalarP) {
    *p = 0x66;
    p += parts.float_width == F64;
  } else if constexpr (kForm.prefix_ != Prefix::None) {
    constexpr uint8_t kBytes[] = {0, 0x66, 0xF3, 0xF2};
    *p++ = kBytes[static_cast<int>(kForm.prefix_)];
  }
  rex |= is_wide(kSizing, kForm, parts.width) ? 8u : 0u;
  *p = static_cast<uint8_t>(0x40 | rex);
  p += (rex != 0) | needs_rex<kForm, kShape, kSizing>(parts);
  if constexpr (kForm.map != OpcodeMap::Primary) *p++ = 0x0F;
  if constexpr (kForm.map == OpcodeMap::M0F38) *p++ = 0x38;
  if constexpr (kForm.map == OpcodeMap::M0F3A) *p++ = 0x3A;
  *p++ = opcode;
  return p;
}

// VEX prefix of two or three bytes (SDM 2.3.5), 128 bits, and opcode.
template <Encoding kForm, Sizing kSizing>
[[gnu::always_inline]] inline uint8_t* put_vex(uint8_t* p, const Parts& parts, unsigned rex,
                                               uint8_t opcode) {
  const unsigned w = is_wide(kSizing, kForm, parts.width) ? 0x80 : 0;
  const unsigned last = (~parts.vvvv & 15u) << 3 | prefix_number<kForm, kSizing>(parts.float_width);
  if (kForm.map == OpcodeMap::M0F && (w | (rex & 3)) == 0) {
    *p++ = 0xC5;
    *p++ = static_cast<uint8_t>((rex & 4 ? 0 : 0x80) | last);
  } else {
    *p++ = 0xC4;
    *p++ = static_cast<uint8_t>((~rex & 7) << 5 | static_cast<unsigned>(kForm.map));
    *p++ = static_cast<uint8_t>(w | last);
  }
  *p++ = opcode;
  return p;
}

// All bytes before ModRM.
template <Encoding kForm, Shape kShape, Sizing kSizing>
[[gnu::always_inline]] inline uint8_t* put_head(uint8_t* p, const Parts& parts, unsigned rex,
                                                uint8_t opcode) {
  if constexpr (kForm.vex_) {
    return put_vex<kForm, kSizing>(p, parts, rex, opcode);
  } else {
    return put_legacy<kForm, kShape, kSizing>(p, parts, rex, opcode);
  }
}

// The bytes of the immediate; `shortened`: the form with 8 bits is used.
template <Encoding kForm>
constexpr uint8_t imm_bytes(Width width, bool shortened) {
  switch (kForm.imm_) {
    case Imm::None: return 0;
    case Imm::Count:
    case Imm::Byte: return 1;
    case Imm::All64: return 8;
    case Imm::Full:
    case Imm::Short: break;
  }
  if (shortened || width == W8) return 1;
  return width == W16 ? 2 : 4;
}

// Stores the immediate in 8 bytes (Imm::All64) or 4, and returns `p` + `bytes`, of which only
// `bytes` count.
template <Encoding kForm>
[[gnu::always_inline]] inline uint8_t* put_imm(uint8_t* p, int64_t imm, uint8_t bytes) {
  if constexpr (kForm.imm_ == Imm::None) return p;
  if constexpr (kForm.imm_ == Imm::All64) {
    std::memcpy(p, &imm, sizeof imm);
  } else {
    store32(p, static_cast<uint32_t>(imm));
  }
  return p + bytes;
}

}  // namespace detail

// Whether the immediate has an encoding in this form ([E1]); `imm` becomes the value to store,
// sign-extended. `shortened`: the form with 8 bits suffices.
template <Encoding kForm>
constexpr bool prepare_imm(Width named, int64_t& imm, bool& shortened) {
  // Checked together with whether the form has such a width.
  const auto width = static_cast<Width>(static_cast<unsigned>(named) & 3);
  const unsigned bits = 8u << static_cast<unsigned>(width);
  switch (kForm.imm_) {
    case Imm::None:
    case Imm::All64: return true;
    case Imm::Count: return imm >= 0 && imm < int64_t{bits};
    case Imm::Byte: return imm >= 0 && imm <= 0xFF;
    case Imm::Full:
    case Imm::Short: break;
  }
  bool fits = detail::fits_i32(imm);
  if (width != W64) {
    fits = imm >= -(int64_t{1} << (bits - 1)) && imm < int64_t{1} << bits;
    const unsigned unused = 64 - bits;
    imm = static_cast<int64_t>(static_cast<uint64_t>(imm) << unused) >> unused;
  }
  shortened = kForm.imm_ == Imm::Short && width != W8 && imm == static_cast<int8_t>(imm);
  return fits;
}

// Forms without memory operand. Returns the end of the instruction.
template <Encoding kForm, Shape kShape, Sizing kSizing>
[[gnu::always_inline]] inline uint8_t* encode_registers(uint8_t* p, const Parts& parts,
                                                        bool shortened) {
  uint8_t opcode = detail::opcode_byte<kForm, kSizing>(parts);
  if constexpr (kShape.opcode_reg) opcode = static_cast<uint8_t>(opcode + (parts.rm & 7));
  if constexpr (kForm.imm_ == Imm::Short) opcode = static_cast<uint8_t>(opcode | (shortened << 1));
  const unsigned rex = static_cast<unsigned>(parts.reg >> 3) << 2 | parts.rm >> 3;
  p = detail::put_head<kForm, kShape, kSizing>(p, parts, rex, opcode);
  if constexpr (kShape.rm) {
    const unsigned reg = kForm.ext_ | (parts.reg & 7);
    *p++ = static_cast<uint8_t>(0xC0 | reg << 3 | (parts.rm & 7));
  }
  return detail::put_imm<kForm>(p, parts.imm, detail::imm_bytes<kForm>(parts.width, shortened));
}

// Forms with a memory operand. `disp_end` becomes one past the displacement's last byte.
template <Encoding kForm, Shape kShape, Sizing kSizing>
[[gnu::always_inline]] inline uint8_t* encode_memory(uint8_t* p, const Parts& parts, bool shortened,
                                                     uint8_t*& disp_end) {
  const Mem::Encoded& mem = parts.mem;
  uint8_t opcode = detail::opcode_byte<kForm, kSizing>(parts);
  if constexpr (kForm.imm_ == Imm::Short) opcode = static_cast<uint8_t>(opcode | (shortened << 1));
  const unsigned rex = static_cast<unsigned>(parts.reg >> 3) << 2 | mem.rex;
  p = detail::put_head<kForm, kShape, kSizing>(p, parts, rex, opcode);
  const unsigned reg = kForm.ext_ | (parts.reg & 7);
  detail::store64(p, mem.tail | reg << 3);
  p += mem.bytes;
  disp_end = p;
  return detail::put_imm<kForm>(p, parts.imm, detail::imm_bytes<kForm>(parts.width, shortened));
}

}  // namespace cordon::x64
