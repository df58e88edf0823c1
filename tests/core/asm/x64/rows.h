// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of forms.def as the tests see them: what the table says, and a function that emits one
// instruction of the form from values. The shape column is read here a second time, apart from
// the assembler's own macros, so that swapped operands show.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/asm/x64/assembler.h"

namespace cordon::x64 {

// A memory operand, and what a disassembler must say about it. -1: no such register.
struct MemCase {
  Mem mem;
  int base;
  int index;
  int scale;
  int64_t disp;
  int disp_bits;
};

struct Values {
  Width width = W32;
  FloatWidth float_width = F32;
  Cond cond = Cond::Overflow;
  unsigned reg = 0, rm = 0, vvvv = 0;
  int64_t imm = 0;
  MemCase memory{mem(rax), 0, -1, 0, 0, 0};
};

struct Row {
  std::string_view name;
  std::string_view shape;
  Sizing sizing;
  Encoding encoding;
  std::string_view mnemonics;  // "ADDSS, ADDSD"
  void (*emit)(Assembler&, const Values&);

  bool has(char letter) const { return shape.find(letter) != std::string_view::npos; }
  // Every combination of the widths that the row has, with the other values as they are in `v`.
  std::vector<Values> widths(const Values& v) const;
  // The width of the integer operation, in bits.
  unsigned operation_bits(const Values& v) const;
  std::string describe(const Values& v) const;
};

std::span<const Row> all_rows();

// What is wrong with `code` as the one instruction that `row` makes of `v`, seen by Zydis; empty if
// nothing is.
std::string mismatch(const Row& row, const Values& v, ByteSpan code);

}  // namespace cordon::x64
