// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The fixed sequences of docs/generated-code.md: prologue, epilogue, charges of fuel, jump tables,
// call_indirect. Each is taken whole, instruction by instruction; no leader and no trap
// site stands inside, so nothing enters one past its checks.
#include <cstddef>
#include <cstring>

#include "core/abi/vmctx.h"
#include "core/verify/x64/pass.h"

namespace cordon::verify::x64 {
namespace {

// Frames up to this size need not be subtracted before the check: the runtime keeps more than that
// below the limit.
constexpr uint32_t kSmallFrame = 4096;

// op reg, [base + index * scale + disp]
bool is_load(const Insn& insn, Op op, unsigned width, unsigned reg, unsigned base, uint64_t disp,
             uint8_t index = kNoRegister, unsigned scale = 1) {
  return insn.is(op) && insn.width == width && insn.reg == reg && insn.has_memory && !insn.rip &&
         insn.base == base && insn.index == index && insn.scale == scale &&
         insn.disp == static_cast<int64_t>(disp);
}

// op rm, imm of 64 bits
bool is_imm(const Insn& insn, Op wide, Op narrow, unsigned rm, int64_t imm) {
  return (insn.is(wide) || insn.is(narrow)) && insn.width == 8 && !insn.has_memory &&
         insn.rm == rm && insn.imm == imm;
}

// op rm, reg of 64 bits
bool is_pair(const Insn& insn, Op op, unsigned rm, unsigned reg) {
  return insn.is(op) && insn.width == 8 && !insn.has_memory && insn.rm == rm && insn.reg == reg;
}

}  // namespace

// [S1] Nothing is written below rsp before this.
bool Pass::prologue() {
  const uint32_t size = func_.frame_size;
  if (size % 8 != 0 || size > INT32_MAX) return refuse(rule::frame_size);
  if (at_ >= next_leader_at_) return refuse(rule::leader_in_sequence);
  Insn insn;
  if (!read(insn)) return false;
  unsigned lowest = rsp;
  if (size > kSmallFrame) {
    lowest = r11;
    const bool computed =
        must(insn.is(Op::lea) && insn.reg == r11, rule::stack_check) &&
        must(is_load(insn, Op::lea, 8, r11, rsp, uint64_t{0} - size), rule::stack_check_size) &&
        advance(insn);
    if (!computed) return false;
  }
  const uint64_t limit = offsetof(abi::VmContext, stack_limit);
  const bool checked =
      must(is_load(insn, Op::cmp_load, 8, lowest, r14, limit), rule::stack_check) &&
      advance(insn) && must(to_ud2(insn, kBelow), rule::stack_check);
  if (!checked) return false;
  const bool made =
      size == 0 || (advance(insn) && must(is_imm(insn, Op::sub_imm, Op::sub_imm1, rsp, size),
                                          rule::stack_check_size));
  // [R2] Nor does what was compared stay in a register.
  const auto cleared = [&] {
    return insn.is(Op::xor_rr) && insn.width == 4 && insn.rm == r11 && insn.reg == r11;
  };
  const bool whole =
      made && (lowest == rsp || (advance(insn) && must(cleared(), rule::stack_check)));
  at_ += whole ? insn.length : 0u;
  return whole;
}

// [S1] rsp is at the return address again when ret reads it.
bool Pass::epilogue(Insn insn) {
  const int64_t size = func_.frame_size;
  const bool adds = (insn.is(Op::add_imm) || insn.is(Op::add_imm1)) && insn.width == 8;
  const bool whole = must(adds && insn.rm == rsp, rule::stack_pointer_write) &&
                     must(size != 0 && insn.imm == size, rule::epilogue) && advance(insn) &&
                     must(insn.is(Op::ret), rule::epilogue);
  if (!whole) return false;
  at_ += insn.length;
  return returns();
}

// sub qword [r14 + fuel], imm; js <ud2>. Fuel only ever falls, and can not wrap.
bool Pass::fuel_charge(Insn insn) {
  const bool charges = (insn.is(Op::sub_imm) || insn.is(Op::sub_imm1)) && insn.width == 8 &&
                       insn.index == kNoRegister && insn.imm >= 0 && blob_.options.fuel;
  const bool whole = must(charges, rule::fuel_charge) && advance(insn) &&
                     must(to_ud2(insn, kSign), rule::fuel_charge);
  at_ += whole ? insn.length : 0u;
  return whole;
}

// r10 is below bound_ (see flow()). Each entry is an edge.
bool Pass::jump_table(Insn insn) {
  if (at_ != bounded_at_) return refuse(rule::jump_table_index);
  if (insn.reg != r11 || insn.width != 8) return refuse(rule::jump_table_sequence);
  const int64_t table =
      static_cast<int64_t>(at_ + insn.length) + insn.disp - static_cast<int64_t>(rodata_);
  const uint64_t bytes = uint64_t{4} * bound_, size = blob_.rodata.size();
  if (table < 0 || table % 4 != 0 || static_cast<uint64_t>(table) > size ||
      bytes > size - static_cast<uint64_t>(table)) {
    return refuse(rule::jump_table_range);
  }
  // What keeps the whole pass linear: one entry is read for one jump.
  table_entries_ += bound_;
  if (table_entries_ > size / 4) return refuse(rule::jump_table_shared);
  const DiagnosticKind& broken = rule::jump_table_sequence;
  const bool whole = advance(insn) &&
                     must(is_load(insn, Op::movsxd, 8, r10, r11, 0, r10, 4), broken) &&
                     advance(insn) && must(is_pair(insn, Op::add_rr, r10, r11), broken) &&  //
                     advance(insn) && must(insn.is(Op::jmp_register) && insn.rm == r10, broken);
  if (!whole) return false;
  const RegSet u32 = u32_ & ~(bit(r10) | bit(r11));
  for (uint64_t i = 0; i < bound_; ++i) {
    int32_t distance;
    std::memcpy(&distance, blob_.rodata.data() + static_cast<uint64_t>(table) + 4 * i, 4);
    const int64_t target = static_cast<int64_t>(rodata_) + table + distance;
    if (!edge(static_cast<uint64_t>(target), u32)) return false;
  }
  reachable_ = false;
  at_ += insn.length;
  return true;
}

// [C1] r11: table, its elements, the function. r10: index, then the type that is asked for.
bool Pass::call_indirect(Insn insn) {
  const bool begins = is_load(insn, Op::mov_load, 8, r11, r14, static_cast<uint64_t>(insn.disp));
  const uint64_t size = offsetof(abi::TableView, size);
  const uint64_t elements = offsetof(abi::TableView, elements);
  const TypeFacts* callee = nullptr;
  const bool checked =
      must(begins, rule::context_field) && must((u32_ & bit(r10)) != 0, rule::indirect_index) &&
      advance(insn) && must(is_load(insn, Op::cmp_load, 4, r10, r11, size), rule::indirect_bound) &&
      advance(insn) && must(to_ud2(insn, kAboveEqual), rule::indirect_bound) && advance(insn) &&
      must(is_load(insn, Op::mov_load, 8, r11, r11, elements), rule::indirect_element) &&
      advance(insn) &&
      must(is_load(insn, Op::mov_load, 8, r11, r11, 0, r10, 8), rule::indirect_element) &&
      advance(insn) && must(is_pair(insn, Op::test_rr, r11, r11), rule::indirect_null) &&
      advance(insn) && must(to_ud2(insn, kEqual), rule::indirect_null) &&
      indirect_callee(insn, callee) && advance(insn);
  if (!checked) return false;

  // Functions of other instances go to the part out of line, which nothing else may enter.
  const uint64_t foreign = at_ + insn.length + static_cast<uint64_t>(insn.imm);
  uint16_t* const there = place(foreign);
  const bool goes = insn.form->effects.flow == Flow::Branch && insn.cond == kNotEqual &&
                    there != nullptr && foreign > at_ && (*there & kLeader) != 0;
  if (!must(goes, rule::indirect_context)) return false;
  if ((*there & (kEntered | kForeign)) != 0) return refuse(rule::foreign_entered);
  *there |= kForeign;
  if (!advance(insn)) return false;
  // [R2] r11 leaves with the entry, which the callee may know, and not with the FuncView's address.
  const uint64_t entry = offsetof(abi::FuncView, entry);
  const bool loads = must(is_load(insn, Op::mov_load, 8, r11, r11, entry), rule::indirect_call);
  if (!loads || !advance(insn)) return false;
  const bool calls = insn.is(Op::call_through) && !insn.has_memory && insn.rm == r11;
  if (!must(calls, rule::indirect_call)) return false;
  const uint64_t back = at_ + insn.length;
  foreign_.push_back({foreign, back, callee->result_u32});
  if (!call_made(*callee, back)) return false;
  at_ = back;
  return true;
}

// The type's number, and the instance.
bool Pass::indirect_callee(Insn& insn, const TypeFacts*& callee) {
  if (!advance(insn)) return false;
  const ContextWord word = layout_.word(insn.disp);
  const bool loads = is_load(insn, Op::mov_load, 4, r10, r14, static_cast<uint64_t>(insn.disp));
  if (!loads || word.kind != ContextWord::Kind::TypeId) return refuse(rule::indirect_signature);
  callee = &layout_.type(word.index);
  const uint64_t type = offsetof(abi::FuncView, type_id);
  const uint64_t context = offsetof(abi::FuncView, context);
  return advance(insn) &&
         must(is_load(insn, Op::cmp_load, 4, r10, r11, type), rule::indirect_signature) &&
         advance(insn) && must(to_ud2(insn, kNotEqual), rule::indirect_signature) &&
         advance(insn) &&
         must(is_load(insn, Op::cmp_load, 8, r14, r11, context), rule::indirect_context);
}

// The part out of line of a call_indirect before. The arguments and r11 are what they were at its
// jne, the only way here; so what call_made() checked there holds here.
bool Pass::foreign_call() {
  if (next_foreign_ >= foreign_.size() || foreign_[next_foreign_].at != at_) {
    return refuse(rule::foreign_sequence);
  }
  const Foreign call = foreign_[next_foreign_++];
  Insn insn;
  if (!read(insn)) return false;
  const bool calls = insn.is(Op::call_through) && !insn.rip && insn.base == r14 &&
                     insn.index == kNoRegister &&
                     insn.disp == static_cast<int64_t>(offset_of(abi::Builtin::call_foreign));
  const DiagnosticKind& broken = rule::foreign_sequence;
  if (!must(calls, broken) || !take_call_site(at_ + insn.length) || !advance(insn)) return false;
  if (call.result_u32 != 0) {
    const bool extends = insn.is(Op::mov_store) && insn.width == 4 && !insn.has_memory &&
                         insn.rm == rax && insn.reg == rax;
    if (!must(extends, broken) || !advance(insn)) return false;
  }
  const uint64_t target = at_ + insn.length + static_cast<uint64_t>(insn.imm);
  const bool returns = insn.form->effects.flow == Flow::Jump && target == call.back;
  if (!must(returns, broken) || !edge(target, call.result_u32)) return false;
  reachable_ = false;
  at_ += insn.length;
  return true;
}

}  // namespace cordon::verify::x64
