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

struct Cell {
  bool has_modrm = false;
  uint8_t rows[2][8] = {};  // [ModRM.mod == 3][ModRM.reg]: 1 + index of the form, 0 for none
};
struct Tables {
  std::array<uint8_t, kOpcodes> cell_of{};  // 0: none of ours
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
      uint8_t& cell = tables.cell_of[index_of(opcode.map, static_cast<unsigned>(opcode.prefix),
                                              opcode.byte + i)];
      if (cell == 0) cell = static_cast<uint8_t>(used++);
      tables.cells[cell].has_modrm = opcode.has_modrm;
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

// What is read past the longest instruction of ours: 1 + 1 + 3 + 1 + 1 + 4 + 4, or 10 for mov_i64.
constexpr size_t kWindow = 16;

// Prefixes and opcode. `rex` has W R X B in bits 3 to 0.
struct Head {
  const uint8_t* at;
  unsigned rex = 0;
  bool has_rex = false;
  unsigned vvvv = 0;
  uint8_t cell;
  uint8_t opcode;
};

bool read_vex(const uint8_t* p, Head& head) {
  unsigned map = 1, last;
  if (*p == 0xC5) {
    last = p[1];
    head.rex = (~last >> 5) & 4;
    p += 2;
  } else {
    map = p[1] & 31;
    last = p[2];
    head.rex = ((~p[1] >> 5) & 7u) | ((last >> 4) & 8);
    p += 3;
  }
  if (map < 1 || map > 3 || (last & 4) != 0) return false;  // bit 2: 256 bits
  head.vvvv = (~last >> 3) & 15;
  head.opcode = *p;
  head.cell = kTables.cell_of[index_of(static_cast<Map>(4 + map), last & 3, head.opcode)];
  head.at = p + 1;
  return true;
}

bool read_head(const uint8_t* p, Head& head) {
  unsigned prefix = 0;
  if (*p == 0x66) {
    prefix = 1;
    ++p;
  } else if (*p == 0xF3) {
    prefix = 2;
    ++p;
  } else if (*p == 0xF2) {
    prefix = 3;
    ++p;
  } else if ((*p & 0xFE) == 0xC4) {
    return read_vex(p, head);
  }
  if ((*p & 0xF0) == 0x40) {
    head.rex = *p++ & 15;
    head.has_rex = true;
  }
  Map map = Map::One;
  if (*p == 0x0F) {
    map = Map::M0F;
    if (*++p == 0x38 || *p == 0x3A) map = *p++ == 0x38 ? Map::M0F38 : Map::M0F3A;
  }
  head.opcode = *p;
  head.cell = kTables.cell_of[index_of(map, prefix, head.opcode)];
  head.at = p + 1;
  return true;
}

// ModRM as memory, SIB and displacement (SDM volume 2, 2.1.5 and 2.2.1). Returns what follows.
const uint8_t* read_memory(const uint8_t* p, unsigned modrm, unsigned rex, Insn& out) {
  const unsigned mod = modrm >> 6, low = modrm & 7;
  out.has_memory = true;
  unsigned base = low;
  if (low == 4) {
    const unsigned sib = *p++;
    const unsigned index = ((sib >> 3) & 7) | (rex & 2) << 2;
    if (index != 4) out.index = static_cast<uint8_t>(index);
    out.scale = static_cast<uint8_t>(1u << (sib >> 6));
    base = sib & 7;
  }
  if (mod == 0 && base == 5) {  // no base: the next instruction, or nothing
    out.rip = low == 5;
    std::memcpy(&out.disp, p, 4);
    return p + 4;
  }
  out.base = static_cast<uint8_t>(base | (rex & 1) << 3);
  if (mod == 0) return p;
  if (mod == 1) {
    out.disp = static_cast<int8_t>(*p);
    return p + 1;
  }
  std::memcpy(&out.disp, p, 4);
  return p + 4;
}

const uint8_t* read_imm(const uint8_t* p, unsigned bytes, int64_t& imm) {
  switch (bytes) {
    case 1: imm = static_cast<int8_t>(*p); break;
    case 2: {
      int16_t value;
      std::memcpy(&value, p, 2);
      imm = value;
      break;
    }
    case 4: {
      int32_t value;
      std::memcpy(&value, p, 4);
      imm = value;
      break;
    }
    case 8: std::memcpy(&imm, p, 8); break;
    default: break;
  }
  return p + bytes;
}

// Adds what is done to one register operand. A byte register 4 to 7 without REX is ah to bh.
bool add_use(Use use, unsigned reg, unsigned width, bool has_rex, Insn& out) {
  const auto bits = static_cast<unsigned>(use);
  if (bits == 0 || (bits & kIsXmm) != 0) return true;
  if (width == 1 && !has_rex && reg >= 4) return false;
  out.reads |= (bits & kReads) << reg;
  out.writes |= (bits >> 1) << reg;
  return true;
}

bool set_width(const Form& form, bool w, Insn& out) {
  switch (form.width) {
    case B: out.width = 1; return !w;
    case H: out.width = 2; return !w;
    case D: out.width = 4; return !w;
    case Q: out.width = 8; return w;
    case V: out.width = w ? 8 : 4; return true;
    case N: out.width = 0; return !w;
  }
  return false;
}

bool decode_at(const uint8_t* start, Insn& out) {
  Head head;
  if (!read_head(start, head) || head.cell == 0) return false;
  const Cell& cell = kTables.cells[head.cell];
  const uint8_t* p = head.at;
  out = Insn{};
  out.base = out.index = kNoRegister;
  out.scale = 1;
  const unsigned modrm = cell.has_modrm ? *p++ : 0xC0;
  const bool is_register = modrm >= 0xC0;
  const unsigned row = cell.rows[is_register][(modrm >> 3) & 7];
  if (row == 0) return false;
  const Form& form = kForms[row - 1];
  out.form = &form;
  out.cond = head.opcode & 15;
  out.vvvv = static_cast<uint8_t>(head.vvvv);
  if (!set_width(form, (head.rex & 8) != 0, out)) return false;
  if (!form.opcode.has_vvvv && head.vvvv != 0) return false;
  // Without an operand REX has nothing to name; 41 90 is xchg, no nop.
  const bool has_operand = cell.has_modrm || form.opcode.register_in_byte;
  if (!has_operand && (head.rex & 7) != 0) return false;
  unsigned reg = ((modrm >> 3) & 7) | (head.rex & 4) << 1;
  if (form.opcode.register_in_byte) reg = (head.opcode & 7) | (head.rex & 1) << 3;
  out.reg = static_cast<uint8_t>(reg);
  const unsigned rm_width = form.memory.width != 0 ? form.memory.width : out.width;
  out.reads = form.effects.implicit_reads;
  out.writes = form.effects.implicit_writes;
  if (is_register) {
    out.rm = static_cast<uint8_t>((modrm & 7) | (head.rex & 1) << 3);
    if (!add_use(form.rm, out.rm, rm_width, head.has_rex, out)) return false;
  } else {
    p = read_memory(p, modrm, head.rex, out);
    out.memory_width = static_cast<uint8_t>(rm_width);
  }
  if (!add_use(form.reg, reg, out.width, head.has_rex, out)) return false;
  add_use(form.vvvv, head.vvvv, out.width, true, out);
  p = read_imm(p, form.imm == kImmOfWidth ? out.width : form.imm, out.imm);
  out.length = static_cast<uint8_t>(p - start);
  return true;
}

}  // namespace

bool decode(ByteSpan code, Insn& out) {
  if (code.size() >= kWindow) return decode_at(code.data(), out);
  uint8_t window[kWindow] = {};
  if (!code.empty()) std::memcpy(window, code.data(), code.size());
  return decode_at(window, out) && out.length <= code.size();
}

std::span<const Form> all_forms() { return kForms; }

}  // namespace cordon::verify::x64
