// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of forms.def become two tables at compile time: the form by map, prefix, opcode and
// ModRM.reg; and the data of a form by W and ModRM.mod.
#include "core/verify/x64/decode.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/base/check.h"

namespace cordon::verify::x64 {
namespace {

using enum Use;
using enum Width;

constexpr Form kForms[] = {
#define FORM(name, opcode, width, reg, rm, vvvv, memory, imm, effects) \
  {Op::name, #name, opcode, width, reg, rm, vvvv, memory, imm, effects},
#include "core/verify/x64/forms.def"
};
static_assert(std::size(kForms) < 0xFFFF);
// [M1] The bytes after the last address that code can form: the reservation has room for them.
static_assert(std::ranges::all_of(kForms, [](const Form& f) {
  return f.memory.width <= abi::kWidestAccess;
}));

constexpr uint8_t kWidths[][2] = {{1, 1}, {2, 2}, {4, 4}, {8, 8}, {4, 8}, {0, 0}};  // by Width, W

// The bits of Use, if it is of a general register.
constexpr unsigned general(Use use) {
  const auto bits = static_cast<unsigned>(use);
  return (bits & kIsXmm) == 0 ? bits : 0;
}

// A form with this W, and with memory or a register in ModRM.rm. Sets are RegSets as one number:
// all four are had by the same few operations.
struct alignas(64) Row {
  uint64_t implicit = 0;
  uint64_t reg = 0, rm = 0, vvvv = 0;  // of register 0: to be shifted to the one that is named
  Shape shape{};
  bool has_modrm = false;
  uint8_t high_byte = 0;                    // bits of ModRM that make ah to bh of a byte register
  uint8_t imm = 0;                          // bytes
  uint16_t zero = kHere;                    // bits of Head::fields that must be
  static constexpr uint16_t kHere = 0x100;  // of all heads, of no form's zero
  static constexpr uint16_t kRex = 0x200;   // of heads with REX, even if it says nothing
};

constexpr Row make_row(const Form& form, bool w, bool is_register) {
  const bool has_memory = form.opcode.has_modrm && !is_register;
  if (w ? form.width != V && form.width != Q : form.width == Q) return {};
  if (has_memory && form.memory.direction == Direction::None) return {};
  if (!has_memory && form.memory.direction != Direction::None && form.rm == None) return {};

  const uint8_t width = kWidths[static_cast<size_t>(form.width)][w];
  const Upper upper = form.effects.upper;
  const bool by_width = upper == Upper::ByWidth || upper == Upper::Copied;
  const bool clears = upper == Upper::Zero || (by_width && width == 4);
  const bool loses = by_width && width == 8;
  const auto sets = [&](uint64_t reads, uint64_t writes) {
    return reads | writes << 16 | (clears ? writes : 0) << 32 | (loses ? writes : 0) << 48;
  };
  const auto named = [&](Use use) {
    const auto bits = general(use);
    return sets((bits & kReads) != 0 ? bit(0) : 0, (bits & kWrites) != 0 ? bit(0) : 0);
  };
  const uint8_t memory_width = form.memory.width != 0 ? form.memory.width : width;
  Row row{.implicit = sets(form.effects.implicit_reads, form.effects.implicit_writes),
          .reg = named(form.reg),
          .rm = has_memory ? 0 : named(form.rm),
          .vvvv = named(form.vvvv),
          .shape = {width, memory_width, has_memory},
          .has_modrm = form.opcode.has_modrm,
          .imm = form.imm == kImmOfWidth ? width : form.imm,
          .zero = 0};
  if (general(form.reg) != 0 && width == 1) row.high_byte |= 0x20;
  // A lane's source or destination is a register of 32 bits, whatever the width of the lane.
  const bool is_lane = (static_cast<unsigned>(form.reg) & kIsXmm) != 0;
  if (general(form.rm) != 0 && !is_lane && !has_memory && memory_width == 1) row.high_byte |= 0x04;
  // Without an operand REX names nothing, and only W is permitted: 41 90 is xchg and no nop, 40 0f
  // 0b is ud2 in a form that the trap handler does not recognize.
  if (!row.has_modrm && form.rm == None) row.zero |= w ? 0x07 : 0x07 | Row::kRex;
  if (form.vvvv == None) row.zero |= 0xF0;
  return row;
}

constexpr auto kRows = [] {
  std::array<std::array<Row, 4>, std::size(kForms) + 1> rows{};  // [0]: no form
  for (size_t i = 0; i < std::size(kForms); ++i) {
    for (unsigned j = 0; j < 4; ++j) rows[i + 1][j] = make_row(kForms[i], (j & 1) != 0, j >= 2);
  }
  return rows;
}();

// `page` is four times the map, and the prefix.
constexpr size_t index_of(unsigned page, unsigned opcode, unsigned ext) {
  return size_t{page} << 11 | ext << 8 | opcode;
}

// 1 + index of the form, 0 for none. Without ModRM it is the same for every ModRM.reg. Fails to
// compile if two rows claim the same encoding.
constexpr auto kFormOf = [] {
  std::array<uint16_t, index_of(32, 0, 0)> table{};
  for (unsigned form = 0; form < std::size(kForms); ++form) {
    const Opcode& opcode = kForms[form].opcode;
    const unsigned page =
        static_cast<unsigned>(opcode.map) * 4 + static_cast<unsigned>(opcode.prefix);
    for (unsigned i = 0; i < opcode.count * 8u; ++i) {
      if (opcode.ext >= 0 && static_cast<unsigned>(opcode.ext) != i % 8) continue;
      uint16_t& slot = table[index_of(page, opcode.byte + i / 8, i % 8)];
      CHECK(slot == 0);
      slot = static_cast<uint16_t>(form + 1);
    }
  }
  return table;
}();

// The most that is read for an instruction: 11 bytes, then an immediate, as eight.
constexpr size_t kWindow = 24;

// Prefixes and opcode, taken out of the first eight bytes by shifts, which are faster than loads.
struct Head {
  uint64_t bytes;                // opcode, then ModRM and SIB if there are such
  unsigned length = 0;           // of what came before the opcode
  unsigned fields = Row::kHere;  // W R X B in bits 3 to 0, vvvv above, then Row::kRex
  unsigned page = 0;

  [[gnu::always_inline]] void skip(bool one) {
    bytes = one ? bytes >> 8 : bytes;
    length += one;
  }
};

constexpr unsigned page_of(Map map) { return static_cast<unsigned>(map) * 4; }

// The short form is the long one without X, B and W, and of map 0F.
Head read_vex(uint64_t bytes) {
  const bool is_short = (bytes & 0xFF) == 0xC5;
  const uint64_t second = bytes >> 8 & 0xFF, third = bytes >> 16 & 0xFF;
  const auto names = static_cast<unsigned>(is_short ? (second & 0x80) | 0x61 : second);  // RXB, map
  const auto last = static_cast<unsigned>(is_short ? second & 0x7F : third);  // W, vvvv, L, prefix
  const unsigned map = names & 31;
  const bool is_known = map >= 1 && map <= 3 && (last & 4) == 0;  // L: 256 bits
  return {.bytes = bytes >> (is_short ? 16 : 24),
          .length = is_short ? 2u : 3u,
          .fields = Row::kHere | (~names >> 5 & 7) | (last >> 4 & 8) | (~last << 1 & 0xF0),
          .page = page_of(Map::Unused) + (is_known ? 4 * map : 0) + (last & 3)};
}

// REX, and the escape to the second map.
[[gnu::always_inline]] inline void read_opcode(Head& head) {
  const bool has_rex = (head.bytes & 0xF0) == 0x40;
  head.fields |= has_rex ? (head.bytes & 15u) | Row::kRex : 0;
  head.skip(has_rex);
  const bool escaped = (head.bytes & 0xFF) == 0x0F;
  head.page += escaped ? page_of(Map::M0F) : 0;
  head.skip(escaped);
}

uint64_t read(const uint8_t* p) {
  uint64_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}
// A number of so many bytes, extended with its sign.
[[gnu::always_inline]] inline int64_t read_signed(const uint8_t* p, unsigned bytes) {
  const unsigned unused = (64 - 8 * bytes) & 63;
  return static_cast<int64_t>(read(p) << unused) >> unused & -int64_t{bytes != 0};
}

// ModRM as memory, SIB and displacement (SDM volume 2, 2.1.5 and 2.2.1). `bytes` begins with ModRM;
// returns how many bytes follow it.
[[gnu::always_inline]] inline unsigned read_memory(const uint8_t* p, uint64_t bytes,
                                                   unsigned fields, Insn& out) {
  constexpr unsigned kNoIndex = 4;
  const unsigned mod = (bytes >> 6) & 3, low = bytes & 7;
  const bool has_sib = low == 4;
  const unsigned sib = has_sib ? (bytes >> 8) & 0xFF : kNoIndex << 3 | low;
  const unsigned index = (sib >> 3 & 7) | (has_sib ? fields & 2 : 0) << 2;
  const bool has_base = mod != 0 || (sib & 7) != 5;  // else rip, or nothing
  const unsigned disp_bytes = has_base ? (mod & 1) | (mod & 2) << 1 : 4;
  out.rip = !has_base && !has_sib;
  out.base = has_base ? static_cast<uint8_t>((sib & 7) | (fields & 1) << 3) : kNoRegister;
  out.index = index != kNoIndex ? static_cast<uint8_t>(index) : kNoRegister;
  out.scale = static_cast<uint8_t>(1 << (sib >> 6));
  out.disp = static_cast<int32_t>(read_signed(p + has_sib, disp_bytes));
  return has_sib + disp_bytes;
}

// Decodes the rest of an instruction with form `form`, 0 for none.
[[gnu::always_inline]] inline bool decode_rest(const uint8_t* start, const Head& head,
                                               unsigned form, Insn& out) {
  const unsigned opcode = head.bytes & 0xFF;
  const auto modrm = static_cast<unsigned>(head.bytes >> 8) & 0xFF;
  const Row& row = kRows[form][(head.fields >> 3 & 1) | (modrm >= 0xC0) << 1];
  if ((head.fields & row.zero) != 0) return false;
  const unsigned reg = ((modrm >> 3) & 7) | (head.fields & 4) << 1;
  const unsigned rm = ((row.has_modrm ? modrm : opcode) & 7) | (head.fields & 1) << 3;
  const unsigned vvvv = head.fields >> 4 & 15;
  // Without REX the byte registers 4 to 7 are ah to bh.
  if ((modrm & row.high_byte) != 0 && (head.fields & Row::kRex) == 0) return false;
  static_cast<RegSets&>(out) =
      std::bit_cast<RegSets>(row.implicit | row.reg << reg | row.rm << rm | row.vvvv << vvvv);
  static_cast<Shape&>(out) = row.shape;
  static_cast<Address&>(out) = {};
  out.form = &kForms[form - 1];
  out.cond = opcode & 15;
  out.reg = static_cast<uint8_t>(reg);
  out.rm = static_cast<uint8_t>(rm);
  out.disp = 0;
  const uint8_t* p = start + head.length + 1 + row.has_modrm;
  if (row.shape.has_memory) p += read_memory(p, head.bytes >> 8, head.fields, out);
  out.imm = read_signed(p, row.imm);
  out.length = static_cast<uint8_t>(p + row.imm - start);
  return true;
}

[[gnu::always_inline]] inline unsigned form_of(const Head& head) {
  return kFormOf[index_of(head.page, head.bytes & 0xFF, (head.bytes >> 11) & 7)];
}

// Instructions that begin with a prefix or VEX. Only they use a third and a fourth map.
[[gnu::noinline]] bool decode_prefixed(const uint8_t* start, Insn& out) {
  Head head{.bytes = read(start)};
  switch (*start) {
    case 0xC4:
    case 0xC5: head = read_vex(head.bytes); return decode_rest(start, head, form_of(head), out);
    case 0x66: head.page = static_cast<unsigned>(Prefix::P66); break;
    case 0xF3: head.page = static_cast<unsigned>(Prefix::PF3); break;
    case 0xF2: head.page = static_cast<unsigned>(Prefix::PF2); break;
    default: return false;
  }
  head.skip(true);
  read_opcode(head);
  const unsigned escape = head.bytes & 0xFF;
  if (head.page >= page_of(Map::M0F) && (escape == 0x38 || escape == 0x3A)) {
    head.page += page_of(escape == 0x38 ? Map::M0F38 : Map::M0F3A) - page_of(Map::M0F);
    head.skip(true);
  }
  return decode_rest(start, head, form_of(head), out);
}

// No prefix is an opcode, so prefixes are checked last.
[[gnu::always_inline]] inline bool decode_at(const uint8_t* start, Insn& out) {
  Head head{.bytes = read(start)};
  read_opcode(head);
  const unsigned form = form_of(head);
  if (form == 0) [[unlikely]]
    return decode_prefixed(start, out);
  return decode_rest(start, head, form, out);
}

// Near the end of the code.
[[gnu::noinline]] bool decode_short(ByteSpan code, Insn& out) {
  uint8_t window[kWindow] = {};
  if (!code.empty()) std::memcpy(window, code.data(), code.size());
  return decode_at(window, out) && out.length <= code.size();
}

}  // namespace

bool decode(ByteSpan code, Insn& out) {
  if (code.size() < kWindow) return decode_short(code, out);
  return decode_at(code.data(), out);
}

std::span<const Form> all_forms() { return kForms; }

}  // namespace cordon::verify::x64
