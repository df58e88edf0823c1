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
  if (insn.base == r15 && !heap(insn)) return false;
  if (insn.rip || insn.base != r14 || insn.index != kNoRegister) return refuse(rule::call_memory);
  const ContextWord word = layout_.word(insn.disp);
  if (word.kind != ContextWord::Kind::Builtin) return refuse(rule::call_memory);
  const auto builtin = static_cast<abi::Builtin>(word.index);
  // Its FuncView* is only good in the sequence of call_indirect.
  if (builtin == abi::Builtin::call_foreign) return refuse(rule::foreign_entered);
  if (!builtin_arguments(builtin)) return false;
  know_only(0);
  return true;
}

bool Pass::builtin_arguments(abi::Builtin builtin) {
  if (Layout::takes_index(builtin) && !rsi_constant_) return refuse(rule::builtin_index);
  const uint32_t first = rsi_constant_.value_or(0);
  if (!layout_.has_object(builtin, first)) return refuse(rule::builtin_index);
  size_t argument = 0;
  for (const char kind : abi::kBuiltins[static_cast<size_t>(builtin)].signature) {
    if (kind == ':') break;
    const unsigned reg = abi::kBuiltinParams[argument++];
    if (kind == 'i' && (u32_ & bit(reg)) == 0) return refuse(rule::call_argument);
    if (kind == 'p') {
      if ((is_frame_ & bit(reg)) == 0) return refuse(rule::builtin_slots);
      const uint64_t slots = layout_.slots_of(builtin, first);
      if (frame_of_[reg == rdx] + 8 * slots > func_.frame_size) return refuse(rule::builtin_slots);
    }
  }
  return true;
}

bool Pass::returns() {
  if ((type_->result_u32 & ~u32_) != 0) return refuse(rule::return_result);
  reachable_ = false;
  return true;
}

}  // namespace cordon::verify::x64
