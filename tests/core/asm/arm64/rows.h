// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of forms.def as the tests see them: what the table says, a function that emits one
// instruction of the form from values, and what a disassembler must print of it. The shape column
// is read here a second time, apart from the assembler's own macros, so that swapped operands show.
#pragma once

#include <string>
#include <vector>

#include "core/asm/arm64/assembler.h"

namespace cordon::arm64 {

struct Values {
  Width width = W64;
  Gpr d = x1, n = x2, m = x3;  // Rd, Rn, Rm
  int64_t imm = 5;
  unsigned shift = 0;
};

struct Row {
  std::string name, shape, sizing, mnemonic;
  void (*emit)(Assembler&, const Values&);

  bool has_width() const { return sizing == "S" || sizing == "M"; }
  bool is_wide(const Values& v) const { return has_width() ? v.width == W64 : sizing == "X"; }
  std::string describe(const Values& v) const;
};

const std::vector<Row>& all_rows();

// Whether `printed` is the one instruction that `row` makes of `v`, without aliases but those of
// the wide moves.
bool is_printed(const Row& row, const Values& v, const std::string& printed);

// What LLVM's disassembler prints of each word of `code`; "" where it knows none. Spaces are one.
std::vector<std::string> disassemble(ByteSpan code);

}  // namespace cordon::arm64
