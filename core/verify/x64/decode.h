// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The decoder: bytes to the one row of forms.def that they are, with its operands. Default deny: a
// prefix that is no part of the form, a second one, a W or vvvv that the form does not take, a byte
// register that would be ah to bh, 256 bits, all are no instruction. No state, no allocation.
#pragma once

#include <span>

#include "core/base/bytes.h"
#include "core/verify/x64/form.h"

namespace cordon::verify::x64 {

// What an instruction does to general registers, as operands and implicitly; those that make an
// address are in no set.
struct RegSets {
  uint16_t reads, writes;
  // Of `writes`: those whose upper half becomes zero, and those whose upper half may be anything.
  uint16_t cleared, lost;
};

// A memory operand's registers, or kNoRegister; scale is 1, 2, 4 or 8.
struct Address {
  bool rip = false;  // [rip + disp]: base and index are none
  uint8_t base = kNoRegister, index = kNoRegister;
  uint8_t scale = 1;
  bool operator==(const Address&) const = default;
};

struct Shape {
  uint8_t width;  // bytes of the operation on general registers; 0 if there is none
  uint8_t memory_width;
  bool has_memory;
};

struct Insn : RegSets, Address, Shape {
  uint8_t length;
  const Form* form;
  uint8_t cond;  // the opcode's low four bits
  // Register numbers of the operands that the form has; `rm` only where !has_memory.
  uint8_t reg, rm;
  int32_t disp;
  int64_t imm;

  bool is(Op op) const { return form->op == op; }
  bool touches(Direction direction) const {
    return has_memory && form->memory.direction == direction;
  }
};

// The instruction at the start of `code`; false if it is none of ours or does not end there.
bool decode(ByteSpan code, Insn& out);

// The whole table, for tests.
std::span<const Form> all_forms();

}  // namespace cordon::verify::x64
