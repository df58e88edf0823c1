// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Edges between leaders, calls and returns.
#include "core/abi/convention.h"
#include "core/verify/x64/pass.h"

namespace cordon::verify::x64 {

// What stands at `target`, or null outside of the function.
uint16_t* Pass::place(uint64_t target) {
  const uint64_t offset = target - func_.offset;
  return offset < func_.size ? &places_[offset] : nullptr;
}

// [M1] Whatever a leader claims must be true on each edge to it; so nothing need be computed twice.
bool Pass::edge(uint64_t target, RegSet u32) {
  uint16_t* const there = place(target);
  if (there == nullptr) return refuse(rule::branch_range);
  if ((*there & kLeader) == 0) return refuse(rule::branch_target);
  if ((*there & kForeign) != 0) return refuse(rule::foreign_entered);
  *there |= kEntered;
  const RegSet claimed = *there & ~RegSet{kFlags};
  return must((claimed & ~u32) == 0, rule::branch_facts);
}

bool Pass::branch(uint64_t target) {
  const uint16_t* const there = place(target);
  return (there != nullptr && *there == kUd2) || edge(target, u32_);
}

// Whether this is a conditional branch to a listed ud2: a part of the fixed sequences.
bool Pass::to_ud2(const Insn& insn, unsigned cond) {
  if (insn.form->effects.flow != Flow::Branch || insn.cond != cond) return false;
  const uint16_t* there = place(at_ + insn.length + static_cast<uint64_t>(insn.imm));
  return there != nullptr && *there == kUd2;
}

// A function of the module took over and came back: nothing is left but its result.
bool Pass::call_made(const TypeFacts& callee, uint64_t return_offset) {
  if (uint64_t{8} * callee.slots > func_.frame_size) return refuse(rule::call_frame);
  if ((callee.params_u32 & ~u32_) != 0) return refuse(rule::call_argument);
  if (!take_call_site(return_offset)) return false;
  know_only(callee.result_u32);
  return true;
}

bool Pass::builtin_call(const Insn& insn) {
  if (!insn.has_memory) return refuse(rule::call_register);
  if (insn.base == r15 && !heap(insn)) return false;
  if (insn.rip || insn.base != r14 || insn.index != kNoRegister) return refuse(rule::call_memory);
  const ContextWord word = layout_.word(insn.disp);
  if (word.kind != ContextWord::Kind::Builtin) return refuse(rule::call_memory);
  const auto builtin = static_cast<abi::Builtin>(word.index);
  Arguments arguments;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (i < constants_.size()) arguments[i].constant = constants_[i];
    arguments[i].is_u32 = (u32_ & bit(abi::kBuiltinParams[i])) != 0;
  }
  const DiagnosticKind* broken =
      broken_by_call(layout_.module(), builtin, arguments, func_.frame_size);
  if (broken != nullptr) return refuse(*broken);
  know_only(0);
  return true;
}

bool Pass::returns() {
  if ((type_->result_u32 & ~u32_) != 0) return refuse(rule::return_result);
  reachable_ = false;
  return true;
}

}  // namespace cordon::verify::x64
