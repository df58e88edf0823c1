// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of forms.def become, at compile time, one cell for each map, prefix and opcode; a cell
// knows the row for ModRM being memory or a register and for each value of ModRM.reg.
#include "core/verify/x64/decode.h"

#include <array>
#include <cstring>

#include "core/abi/target.h"
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
static_assert(std::size(kForms) < 256);

constexpr size_t kOpcodes = 8 * 4 * 256;
constexpr size_t index_of(Map map, unsigned prefix, unsigned byte) {
  return (static_cast<size_t>(map) * 4 + prefix) * 256 + byte;
}

// What decoding needs of a form, so laid out that most of it is arithmetic instead of branches:
// masks and shifts per operand, and widths by W.
struct Row {
  RegSet implicit_reads = 0, implicit_writes = 0;
  // All registers or none, to be masked with those that the instruction names.
  RegSet reg_reads = 0, reg_writes = 0, rm_reads = 0, rm_writes = 0, vvvv_reads = 0;
  uint8_t width[2] = {};     // by W
  uint8_t rm_width[2] = {};  // of the operand in ModRM.rm
  uint8_t imm_bytes[2] = {};
  bool bytes_named = false;  // some general register of 8 bits is an operand
  bool register_in_byte = false, has_modrm = false;
  uint8_t rex_fixed = 0, rex_value = 0;  // bits of W R X B that the form does not leave free
  uint8_t vvvv_fixed = 0;                // bits of vvvv that must be 0
  RegSet clears[2] = {}, loses[2] = {};  // by W, all or none: what becomes of upper halves
};
// Looked up, since shifts by a register are slow.
constexpr auto kBits = [] {
  std::array<RegSet, 16> bits{};
  for (unsigned i = 0; i < 16; ++i) bits[i] = bit(i);
  return bits;
}();

constexpr uint8_t width_of(Width width, bool w) {
  switch (width) {
    case B: return 1;
    case H: return 2;
    case D: return 4;
    case Q: return 8;
    case V: return w ? 8 : 4;
    case N: break;
  }
  return 0;
}

constexpr bool is_general(Use use) {
  return use != None && (static_cast<unsigned>(use) & kIsXmm) == 0;
}
constexpr RegSet reads_of(Use use) {
  return is_general(use) && (static_cast<unsigned>(use) & kReads) != 0 ? 0xFFFF : 0;
}
constexpr RegSet writes_of(Use use) {
  return is_general(use) && (static_cast<unsigned>(use) & kWrites) != 0 ? 0xFFFF : 0;
}

constexpr Row make_row(const Form& form) {
  Row row{.implicit_reads = form.effects.implicit_reads,
          .implicit_writes = form.effects.implicit_writes,
          .reg_reads = reads_of(form.reg),
          .reg_writes = writes_of(form.reg),
          .rm_reads = reads_of(form.rm),
          .rm_writes = writes_of(form.rm),
          .vvvv_reads = reads_of(form.vvvv),
          .register_in_byte = form.opcode.register_in_byte,
          .has_modrm = form.opcode.has_modrm};
  // Without an operand REX has nothing to name; 41 90 is xchg, no nop.
  if (!row.has_modrm && !row.register_in_byte) row.rex_fixed = 7;
  if (form.width != V) row.rex_fixed |= 8;
  if (form.width == Q) row.rex_value = 8;
  if (!form.opcode.has_vvvv) row.vvvv_fixed = 15;
  for (unsigned w = 0; w < 2; ++w) {
    row.width[w] = width_of(form.width, w != 0);
    row.rm_width[w] = form.memory.width != 0 ? form.memory.width : row.width[w];
    const Upper upper = form.effects.upper;
    const bool by_width = upper == Upper::ByWidth || upper == Upper::Copied;
    row.clears[w] = upper == Upper::Zero || (by_width && row.width[w] == 4) ? 0xFFFF : 0;
    row.loses[w] = by_width && row.width[w] == 8 ? 0xFFFF : 0;
    row.imm_bytes[w] = form.imm == kImmOfWidth ? row.width[w] : form.imm;
  }
  row.bytes_named =
      (is_general(form.reg) && row.width[0] == 1) || (is_general(form.rm) && row.rm_width[0] == 1);
  return row;
}

constexpr auto kRows = [] {
  std::array<Row, std::size(kForms)> rows;
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = make_row(kForms[i]);
  return rows;
}();

// [ModRM.mod == 3][ModRM.reg]: 1 + index of the form, 0 for none. Without ModRM all are the same.
struct Cell {
  uint8_t rows[2][8] = {};
};
struct Tables {
  std::array<uint8_t, kOpcodes> cell_of{};  // 0: an empty cell
  std::array<Cell, 256> cells{};
};

constexpr bool has_register_form(const Form& form) {
  return form.rm != None || form.memory.direction == Direction::None;
}

// Fails to compile if two rows claim the same encoding.
consteval Tables make_tables() {
  Tables tables;
  unsigned used = 1;
  for (unsigned row = 0; row < std::size(kForms); ++row) {
    const Form& form = kForms[row];
    const Opcode& opcode = form.opcode;
    for (unsigned i = 0; i < opcode.count; ++i) {
      uint8_t& cell =
          tables
              .cell_of[index_of(opcode.map, static_cast<unsigned>(opcode.prefix), opcode.byte + i)];
      if (cell == 0) cell = static_cast<uint8_t>(used++);
      for (unsigned mod3 = 0; mod3 < 2; ++mod3) {
        if (mod3 ? !has_register_form(form) : form.memory.direction == Direction::None) {
          if (opcode.has_modrm) continue;
        }
        for (unsigned ext = 0; ext < 8; ++ext) {
          if (opcode.ext >= 0 && static_cast<unsigned>(opcode.ext) != ext) continue;
          uint8_t& slot = tables.cells[cell].rows[mod3][ext];
          CHECK(slot == 0);
          slot = static_cast<uint8_t>(row + 1);
        }
      }
    }
  }
  CHECK(used <= 256);
  return tables;
}
constexpr Tables kTables = make_tables();

// What may be read from an instruction's start on: up to 10 bytes before an immediate, which is
// read as eight.
constexpr size_t kWindow = 24;

// Prefixes and opcode, taken out of the first eight bytes by shifts: each load saved is a good part
// of the time that an instruction takes.
struct Head {
  uint64_t bytes;       // opcode, then ModRM and SIB if there are such
  unsigned length = 0;  // of what came before the opcode
  unsigned rex = 0;     // W R X B in bits 3 to 0
  unsigned vvvv = 0;
  bool has_rex = false;
  Map map = Map::One;
  unsigned prefix = 0;

  [[gnu::always_inline]] void skip(bool one) {
    bytes = one ? bytes >> 8 : bytes;
    length += one;
  }
};

Head read_vex(uint64_t bytes) {
  Head head{.bytes = bytes};
  unsigned map = 1;
  const bool is_short = (bytes & 0xFF) == 0xC5;
  const auto second = static_cast<unsigned>(bytes >> 8) & 0xFF;
  const auto last = is_short ? second : static_cast<unsigned>(bytes >> 16) & 0xFF;
  if (is_short) {
    head.rex = (~last >> 5) & 4;
  } else {
    map = second & 31;
    head.rex = ((~second >> 5) & 7u) | ((last >> 4) & 8);
  }
  // Bit 2: 256 bits.
  head.map = map < 1 || map > 3 || (last & 4) != 0 ? Map::Unused : static_cast<Map>(4 + map);
  head.prefix = last & 3;
  head.vvvv = (~last >> 3) & 15;
  head.bytes >>= is_short ? 16 : 24;
  head.length = is_short ? 2 : 3;
  return head;
}

// REX and the opcode's map.
[[gnu::always_inline]] inline void read_opcode(Head& head) {
  head.has_rex = (head.bytes & 0xF0) == 0x40;
  head.rex = head.has_rex ? head.bytes & 15u : 0;
  head.skip(head.has_rex);
  const bool escaped = (head.bytes & 0xFF) == 0x0F;
  head.map = static_cast<Map>(escaped);
  head.skip(escaped);
  if (escaped && (head.bytes & 0xFD) == 0x38) [[unlikely]] {
    head.map = (head.bytes & 2) == 0 ? Map::M0F38 : Map::M0F3A;
    head.skip(true);
  }
}

template <class Int>
Int read(const uint8_t* p) {
  Int value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

// The number that stands in the first `bytes` bytes at p, with its sign; 0 if that is none.
int64_t read_signed(const uint8_t* p, unsigned bytes) {
  if (bytes == 8) [[unlikely]]
    return read<int64_t>(p);
  if (bytes == 2) [[unlikely]]
    return read<int16_t>(p);
  const int32_t byte = static_cast<int8_t>(*p), word = read<int32_t>(p);
  return bytes == 1 ? byte : bytes == 4 ? word : 0;
}

// ModRM as memory, SIB and displacement (SDM volume 2, 2.1.5 and 2.2.1). `bytes` begins with ModRM;
// returns how many bytes follow it.
[[gnu::always_inline]] inline unsigned read_memory(const uint8_t* p, uint64_t bytes, unsigned rex,
                                                   Insn& out) {
  constexpr uint8_t kDispBytes[] = {0, 1, 4, 0}, kScales[] = {1, 2, 4, 8};
  const unsigned mod = (bytes >> 6) & 3, low = bytes & 7, sib = (bytes >> 8) & 0xFF;
  unsigned base = low;
  const bool has_sib = low == 4;
  if (has_sib) {
    const unsigned index = ((sib >> 3) & 7) | (rex & 2) << 2;
    out.index = index != 4 ? static_cast<uint8_t>(index) : kNoRegister;
    out.scale = kScales[sib >> 6];
    base = sib & 7;
  }
  p += has_sib;
  if (mod == 0 && base == 5) [[unlikely]] {  // no base: the next instruction, or nothing
    out.rip = !has_sib;
    out.disp = read<int32_t>(p);
    return has_sib + 4;
  }
  out.base = static_cast<uint8_t>(base | (rex & 1) << 3);
  const int32_t byte = static_cast<int8_t>(*p), word = read<int32_t>(p);
  out.disp = mod == 2 ? word : mod == 1 ? byte : 0;
  return has_sib + kDispBytes[mod];
}

// Without REX the byte registers 4 to 7 are ah to bh.
bool names_high_byte(const Form& form, const Insn& insn) {
  const bool reg = is_general(form.reg) && insn.width == 1 && insn.reg >= 4;
  const bool rm = is_general(form.rm) && !insn.has_memory && insn.memory_width == 1 && insn.rm >= 4;
  return reg || rm;
}

[[gnu::always_inline]] inline bool decode_rest(const uint8_t* start, const Head& head, Insn& out) {
  const unsigned opcode = head.bytes & 0xFF;
  const auto modrm = static_cast<unsigned>(head.bytes >> 8) & 0xFF;
  const Cell& cell = kTables.cells[kTables.cell_of[index_of(head.map, head.prefix, opcode)]];
  const unsigned number = cell.rows[modrm >= 0xC0][(modrm >> 3) & 7];
  if (number == 0) return false;
  const Row& row = kRows[number - 1];
  if ((((head.rex ^ row.rex_value) & row.rex_fixed) | (head.vvvv & row.vvvv_fixed)) != 0) {
    return false;
  }
  const bool w = (head.rex & 8) != 0;
  const unsigned extended = (head.rex & 1) << 3;
  const unsigned rm = (modrm & 7) | extended;
  const unsigned reg =
      row.register_in_byte ? (opcode & 7) | extended : ((modrm >> 3) & 7) | (head.rex & 4) << 1;
  const uint8_t* p = start + head.length + 1 + row.has_modrm;
  RegSet reads =
      row.implicit_reads | (row.reg_reads & kBits[reg]) | (row.vvvv_reads & kBits[head.vvvv]);
  RegSet writes = row.implicit_writes | (row.reg_writes & kBits[reg]);
  out.form = &kForms[number - 1];
  out.width = row.width[w];
  out.cond = opcode & 15;
  out.reg = static_cast<uint8_t>(reg);
  out.rm = static_cast<uint8_t>(rm);
  out.vvvv = static_cast<uint8_t>(head.vvvv);
  out.has_memory = row.has_modrm && modrm < 0xC0;
  out.rip = false;
  out.base = out.index = kNoRegister;
  out.scale = 1;
  out.memory_width = row.rm_width[w];
  out.disp = 0;
  if (out.has_memory) {
    p += read_memory(p, head.bytes >> 8, head.rex, out);
  } else {
    reads |= row.rm_reads & kBits[rm];
    writes |= row.rm_writes & kBits[rm];
  }
  out.reads = reads;
  out.writes = writes;
  out.cleared = writes & row.clears[w];
  out.lost = writes & row.loses[w];
  if (row.bytes_named && !head.has_rex && names_high_byte(*out.form, out)) return false;
  out.imm = read_signed(p, row.imm_bytes[w]);
  out.length = static_cast<uint8_t>(p + row.imm_bytes[w] - start);
  return true;
}

bool decode_at(const uint8_t* start, Insn& out) {
  Head head{.bytes = read<uint64_t>(start)};
  switch (*start) {
    case 0xC4:
    case 0xC5: return decode_rest(start, read_vex(head.bytes), out);
    case 0x66:
    case 0xF3:
    case 0xF2:
      head.prefix = *start == 0x66 ? 1 : *start == 0xF3 ? 2 : 3;
      head.skip(true);
      read_opcode(head);
      return decode_rest(start, head, out);
    default: read_opcode(head); return decode_rest(start, head, out);
  }
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
