// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/core/asm/arm64/rows.h"

namespace cordon::arm64 {
namespace {

#define EMIT_WIDTH_S v.width,
#define EMIT_WIDTH_M v.width,
#define EMIT_WIDTH_X
#define EMIT_WIDTH_N
#define EMIT_n
#define EMIT_ssa v.d, v.n, v.imm
#define EMIT_Sa v.n, v.imm
#define EMIT_zzz v.d, v.n, v.m
#define EMIT_Zz v.n, v.m
#define EMIT_zh v.d, v.imm, v.shift
#define EMIT_zm \
  v.d, Mem { v.n, v.imm }
#define EMIT_R v.n
#define EMIT_u v.imm

std::string name_of(Gpr r, bool is_wide) {
  if (r == sp) return is_wide ? "sp" : "wsp";
  if (r == zr) return is_wide ? "xzr" : "wzr";
  return (is_wide ? "x" : "w") + std::to_string(static_cast<unsigned>(r));
}
std::string number(int64_t value) { return "#" + std::to_string(value); }

std::string arithmetic(int64_t imm) {
  return imm <= 0xFFF ? number(imm) : number(imm >> 12) + ", lsl #12";
}

// What a wide move gives, as a disassembler prints constants.
std::string wide_move(const Row& row, const Values& v) {
  const bool is_wide = row.is_wide(v);
  int64_t value = v.imm << v.shift;
  if (row.name == "movn") value = ~value;
  if (!is_wide) value = static_cast<int32_t>(value);
  return "mov " + name_of(v.d, is_wide) + ", " + number(value);
}

std::string operands(const Row& row, const Values& v) {
  const bool is_wide = row.is_wide(v);
  const auto reg = [is_wide](Gpr r) { return name_of(r, is_wide); };
  const std::string zero = name_of(zr, is_wide);
  if (row.shape == "ssa") return reg(v.d) + ", " + reg(v.n) + ", " + arithmetic(v.imm);
  if (row.shape == "Sa") return zero + ", " + reg(v.n) + ", " + arithmetic(v.imm);
  if (row.shape == "zzz") return reg(v.d) + ", " + reg(v.n) + ", " + reg(v.m);
  if (row.shape == "Zz") return zero + ", " + reg(v.n) + ", " + reg(v.m);
  if (row.shape == "zh") {
    const std::string to = reg(v.d) + ", " + number(v.imm);
    return v.shift == 0 ? to : to + ", lsl " + number(v.shift);
  }
  if (row.shape == "zm") {
    return reg(v.d) + ", [" + name_of(v.n, true) + ", " + number(v.imm) + "]";
  }
  if (row.shape == "R") return reg(v.n);
  if (row.shape == "u") return number(v.imm);
  return "";
}

}  // namespace

const std::vector<Row>& all_rows() {
  static const std::vector<Row> rows = {
#define FORM(name, shape, sizing, bits, mnemonic)                         \
  {#name, #shape, #sizing, #mnemonic, [](Assembler& a, const Values& v) { \
     (void)v;                                                             \
     a.name(EMIT_WIDTH_##sizing EMIT_##shape);                            \
   }},
#include "core/asm/arm64/forms.def"
  };
  return rows;
}

std::string Row::describe(const Values& v) const {
  return name + " (" + shape + ") " + operands(*this, v);
}

bool is_printed(const Row& row, const Values& v, const std::string& printed) {
  // A comparison is a subtraction without a result, nop one of the hints.
  std::string mnemonic = row.mnemonic == "cmp" ? "subs" : row.mnemonic;
  if (mnemonic == "nop") return printed == "hint #0";
  const std::string what = operands(row, v);
  if (printed == (what.empty() ? mnemonic : mnemonic + " " + what)) return true;
  return (row.name == "movz" || row.name == "movn") && printed == wide_move(row, v);
}

}  // namespace cordon::arm64
