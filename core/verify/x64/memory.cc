// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory operands: the four places that code may touch, each told by its base register.
#include "core/verify/x64/pass.h"

namespace cordon::verify::x64 {

bool Pass::memory(const Insn& insn) {
  if (insn.touches(Direction::Address)) return lea(insn);
  if (insn.base == rsp) return frame(insn);
  if (insn.base == r15) return heap(insn);
  if (insn.base == r14) return context(insn);
  return insn.rip ? rodata(insn) : refuse(rule::memory_shape);
}

// [M1] base + zero-extended 32 bits + a displacement below 2^31 + at most 8 bytes: in the
// reservation of memory 0, which is larger than that.
bool Pass::heap(const Insn& insn) {
  if (!take_trap_site(true)) return false;
  if (!layout_.has_memory()) return refuse(rule::heap_absent);
  if (insn.disp < 0) return refuse(rule::heap_displacement);
  constexpr unsigned kWidest = 8;
  if (insn.memory_width > kWidest) return refuse(rule::heap_width);
  if (insn.index == kNoRegister) return true;
  if (insn.scale != 1) return refuse(rule::heap_scale);
  return must((u32_ & bit(insn.index)) != 0, rule::heap_index);
}

// Fuel, tables, type ids and builtins have sequences and calls of their own, and do not come here.
bool Pass::context(const Insn& insn) {
  if (insn.index != kNoRegister) return refuse(rule::context_index);
  const ContextWord word = layout_.word(insn.disp);
  if (word.kind != ContextWord::Kind::Field) return refuse(rule::context_field);
  if (insn.memory_width != word.width) return refuse(rule::context_width);
  return must(insn.touches(Direction::Read) || word.access == abi::Access::ReadWrite,
              rule::context_write);
}

// [S1] The function's own frame, or the slots that its caller made for it; never the return address
// between.
bool Pass::frame(const Insn& insn) {
  if (insn.index != kNoRegister) return refuse(rule::frame_index);
  if (insn.form->memory.aligned) return refuse(rule::frame_alignment);
  const int64_t first = insn.disp, end = first + insn.memory_width;
  const int64_t size = func_.frame_size;
  const int64_t incoming = size + 8, incoming_end = incoming + 8 * int64_t{type_->slots};
  const bool is_own = first >= 0 && end <= size;
  return must(is_own || (first >= incoming && end <= incoming_end), rule::frame_range);
}

bool Pass::rodata(const Insn& insn) {
  if (!insn.touches(Direction::Read)) return refuse(rule::rodata_write);
  const int64_t first =
      static_cast<int64_t>(at_ + insn.length) + insn.disp - static_cast<int64_t>(rodata_);
  if (first < 0 || first + insn.memory_width > static_cast<int64_t>(blob_.rodata.size())) {
    return refuse(rule::rodata_range);
  }
  return must(insn.memory_width != 16 || first % 16 == 0, rule::rodata_alignment);
}

// [R2] Arithmetic on free registers: no address becomes a value.
bool Pass::lea(const Insn& insn) {
  const auto is_pinned = [](uint8_t reg) { return reg == rsp || reg == r14 || reg == r15; };
  return must(!is_pinned(insn.base) && !is_pinned(insn.index), rule::lea_operand);
}

}  // namespace cordon::verify::x64
