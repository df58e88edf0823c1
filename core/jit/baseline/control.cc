// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks and branches of FuncCompiler. What a branch has to bring about, so that the state at its
// target holds, is done by stores and loads before it, which keep the flags and are no harm if it
// is not taken.
#include <bit>

#include "core/base/check.h"
#include "core/jit/baseline/func_compiler_inl.h"
#include "core/wasm/control_stack.h"

namespace cordon::jit {

using masm::Test;

// Blocks

// Moves the operands to their slots: no register but those of pinned locals has a meaning at a
// join.
FuncCompiler::Block& FuncCompiler::open(BlockKind kind, const wasm::BlockType& type) {
  Block& block = blocks_.emplace_back(kind);
  const wasm::BlockTypes types = wasm::types_of(type, module_);
  block.params = types.params;
  block.results = types.results;
  block.height = static_cast<uint32_t>(stack_.size() - block.params.size());
  flush(block.height);
  block.join = masm_.new_join();
  return block;
}

// Entries from `height` on go to their slots; those below as well, but constants stay constants.
void FuncCompiler::flush(uint32_t height) {
  for (uint32_t i = std::min(flushed_, height); i < stack_.size(); ++i) {
    if (stack_[i].is(Kind::Const) && i < height) continue;
    if (!stack_[i].is(Kind::Slot)) to_slot(i);
  }
  flushed_ = stack_.size();
}

void FuncCompiler::to_slot(uint32_t index) {
  if (stack_[index].is(Kind::Reg)) return spill(index);
  Value value = stack_[index];
  store_value(value, slot(index));
  release(value);
  if (value.is(Kind::Local)) --local(value.index).references;
  stack_[index] = {.kind = Kind::Slot, .type = value.type, .index = index};
}

// The top `count` entries into their slots and from there to those from `height` on. In this order:
// the targets are not above the sources.
void FuncCompiler::values_to_slots(uint32_t count, uint32_t height) {
  const auto first = stack_.size() - count;
  for (uint32_t i = first; i < stack_.size(); ++i) {
    if (!stack_[i].is(Kind::Slot)) to_slot(i);
  }
  copy_slots(count, first, height);
}

void FuncCompiler::copy_slots(uint32_t count, uint32_t from, uint32_t to) {
  if (from == to) return;
  for (uint32_t i = 0; i < count; ++i) {
    masm_.load(Size::S64, masm::kScratch, slot(from + i));
    masm_.store(Size::S64, slot(to + i), masm::kScratch);
  }
}

void FuncCompiler::push_slots(std::span<const ValType> types) {
  for (const ValType type : types) {
    const auto index = stack_.size();
    slot(index);
    push({.kind = Kind::Slot, .type = type, .index = index});
  }
}

void FuncCompiler::push_label_values(const Block& block) {
  if (label_in_slots(block)) return push_slots(block.label());
  const ValType type = block.label()[0];
  if (is_float(type)) {
    evict(masm::kFResult);
    lock(masm::kFResult);
    push_freg(type, masm::kFResult);
  } else {
    push_reg(type, alloc_exactly(masm::kResult));
  }
}

void FuncCompiler::enter_state(State state) {
  state_ = state;
  next_death_ = 0;  // what died meanwhile may be alive in this state
  forget_caches();
}

void FuncCompiler::leave() { dead_ = true; }

// Makes the state here imply that of `target`, or weakens the latter if it is still to be bound.
void FuncCompiler::meet(Block& target) {
  forget_dead_pins();
  if (target.kind == BlockKind::Body) return;
  State& there = target.state;
  if (target.kind == BlockKind::Loop) {
    for (uint32_t p = there.regs & ~state_.regs; p != 0; p &= p - 1) {
      const auto number = static_cast<uint32_t>(std::countr_zero(p));
      (state_.homes >> number & 1) != 0 ? load_pin(number) : fill_dead_pin(number);
    }
    for (uint32_t p = there.homes & ~state_.homes; p != 0; p &= p - 1) {
      store_pin(static_cast<uint32_t>(std::countr_zero(p)));
    }
    return;
  }
  if (!target.has_state) {
    there = state_;
    target.has_state = true;
    return;
  }
  const uint32_t known = (there.regs | there.homes) & (state_.regs | state_.homes);
  const uint32_t apart = known & ~((there.regs & state_.regs) | (there.homes & state_.homes));
  for (uint32_t p = apart; p != 0; p &= p - 1) {
    const auto number = static_cast<uint32_t>(std::countr_zero(p));
    (there.regs >> number & 1) != 0 ? load_pin(number) : store_pin(number);
  }
  there.regs &= state_.regs;
  there.homes &= state_.homes;
}

// The top entries go where the label wants them, and stay on the stack.
void FuncCompiler::to_label(Block& target) {
  const auto count = static_cast<uint32_t>(target.label().size());
  if (count == 0) return;
  if (label_in_slots(target)) return values_to_slots(count, target.height);
  Value& top = stack_.back();
  if (is_float(top.type)) {
    if (top.is(Kind::Reg) && top.reg == number(masm::kFResult)) return;
    Value& value = pop();
    evict(masm::kFResult);
    lock(masm::kFResult);
    to_freg(value, masm::kFResult);
    release(value);
    return push_freg(value.type, masm::kFResult);
  }
  if (top.is(Kind::Reg) && top.reg == number(masm::kResult)) return;
  Value& value = pop();
  if (value.held && value.reg == number(masm::kResult)) {
    to_reg(value, masm::kResult);
    forget_cache(masm::kResult);
    return push_reg(value.type, masm::kResult);
  }
  const Reg result = alloc_exactly(masm::kResult);
  to_reg(value, result);
  release(value);
  push_reg(value.type, result);
}

void FuncCompiler::branch_to(Block& target) {
  to_label(target);
  meet(target);
  masm_.jump(target.join);
  leave();
}

void FuncCompiler::block(const wasm::immediate::Block& operands) {
  open(BlockKind::Block, operands.type);
}

void FuncCompiler::loop(const wasm::immediate::Block& operands) {
  Block& block = open(BlockKind::Loop, operands.type);
  const auto first = static_cast<uint32_t>(block.height);
  for (uint32_t i = first; i < stack_.size(); ++i) CHECK(stack_[i].is(Kind::Slot));
  const wasm::LoopUse& use = uses_.loops[loop_++];
  forget_dead_pins();
  State head;
  for (uint32_t p = 0; p < pins_.size(); ++p) {
    const uint32_t mask = uint32_t{1} << p;
    if (((state_.regs | state_.homes) & mask) == 0) continue;
    const uint64_t local_bit = uint64_t{1} << (pins_[p].local % 64);
    const bool touched = ((use.read | use.written) & local_bit) != 0;
    if (touched) {
      if ((state_.regs & mask) == 0) load_pin(p);
      head.regs |= mask;
      if ((use.written & local_bit) == 0) head.homes |= state_.homes & mask;
    } else if (use.calls) {
      if ((state_.homes & mask) == 0) store_pin(p);
      head.homes |= mask;
    } else {
      head.regs |= state_.regs & mask;
      head.homes |= state_.homes & mask;
    }
  }
  enter_state(head);
  uint32_t u32 = 0;
  for (uint32_t regs = head.regs; regs != 0; regs &= regs - 1) {
    const Pin& pin = pins_[static_cast<unsigned>(std::countr_zero(regs))];
    if (local(pin.local).type == ValType::i32) u32 |= uint32_t{1} << pin.reg;
  }
  block.state = head;
  block.has_state = true;
  if (use.innermost) masm_.align_loop();
  masm_.bind_loop(block.join, u32);
  if (options_.fuel) masm_.charge_round(use.fuel);
}

void FuncCompiler::if_(const wasm::immediate::Block& operands) {
  if (!stack_.back().is(Kind::Test)) {
    Value& value = pop();
    const Reg r = in_reg(value);
    masm_.test_zero(Size::S32, r);
    release(value);
    push_test(Test::Ne);
  }
  const Test test = pop_test();
  Block& block = open(BlockKind::If, operands.type);
  flags_busy_ = false;
  block.otherwise = masm_.new_join();
  forget_dead_pins();
  masm_.branch(masm::negate(test), block.otherwise);
  block.otherwise_state = state_;
}

void FuncCompiler::else_(const wasm::immediate::None&) {
  Block& block = blocks_.back();
  if (!dead_) {
    to_label(block);
    meet(block);
    masm_.jump(block.join);
  }
  drop_to(block.height);
  dead_ = false;
  block.kind = BlockKind::Else;
  masm_.bind(block.otherwise);
  enter_state(block.otherwise_state);
  push_slots(block.params);
}

// `if` without `else`: the false edge brings the state recorded at the `if` (otherwise_state).
void FuncCompiler::end_if(Block& block) {
  State& there = block.state;
  const State other = block.otherwise_state;
  const uint32_t known = (there.regs | there.homes) & (other.regs | other.homes);
  const uint32_t apart =
      block.has_state ? known & ~((there.regs & other.regs) | (there.homes & other.homes)) : 0;
  if (apart != 0 || !block.results.empty()) {
    return else_({});
  }
  if (block.has_state) {
    there.regs &= other.regs;
    there.homes &= other.homes;
  } else {
    there = other;
    block.has_state = true;
  }
  if (!dead_) meet(block);
  drop_to(block.height);
  masm_.bind(block.otherwise);
  dead_ = false;
  enter_state(there);
}

void FuncCompiler::end(const wasm::immediate::None&) {
  if (blocks_.size() == 1) return;  // the body's is finish_body()
  if (blocks_.back().kind == BlockKind::If) end_if(blocks_.back());
  Block& block = blocks_.back();
  if (block.kind == BlockKind::Loop || !block.join.used) {
    if (dead_) drop_to(block.height);
    blocks_.pop_back();
    return;
  }
  if (!dead_) {
    to_label(block);
    meet(block);
  }
  drop_to(block.height);
  masm_.bind(block.join);
  dead_ = false;
  enter_state(block.state);
  push_label_values(block);
  blocks_.pop_back();
}

// Branches

void FuncCompiler::unreachable(const wasm::immediate::None&) {
  masm_.trap(Trap::unreachable);
  leave();
}

void FuncCompiler::nop(const wasm::immediate::None&) {}

void FuncCompiler::br(const wasm::immediate::Label& operands) {
  branch_to(target_of(operands.label));
}

void FuncCompiler::return_(const wasm::immediate::None&) { branch_to(blocks_.front()); }

// The condition on top as flags; nothing but moves may follow before they are used.
Test FuncCompiler::pop_test() {
  Value& value = pop();
  if (value.is(Kind::Test)) return value.test();
  const Reg r = in_reg(value);
  masm_.test_zero(Size::S32, r);
  release(value);
  flags_busy_ = true;
  return Test::Ne;
}

void FuncCompiler::br_if(const wasm::immediate::Label& operands) {
  Block& target = target_of(operands.label);
  const Test test = pop_test();
  const auto count = static_cast<uint32_t>(target.label().size());
  if (label_in_slots(target) && count != 0) {
    // Moving values to the target's slots could overwrite what is needed if it is not taken.
    masm::Join stay = masm_.new_join();
    values_to_slots(count, stack_.size() - count);
    meet(target);
    flags_busy_ = false;
    masm_.branch(masm::negate(test), stay);
    copy_slots(count, stack_.size() - count, target.height);
    masm_.jump(target.join);
    masm_.bind(stay);
    return;
  }
  to_label(target);
  meet(target);
  flags_busy_ = false;
  masm_.branch(test, target.join);
}

void FuncCompiler::br_table(const wasm::immediate::LabelTable& operands) {
  Value index = pop();
  Block& otherwise = target_of(operands.otherwise);
  const auto count = static_cast<uint32_t>(otherwise.label().size());
  // With several values, or with parameters of a loop among the targets, each target has slots of
  // its own.
  bool in_slots = false;
  const auto look = [&](Block& target) { in_slots |= count != 0 && label_in_slots(target); };
  look(otherwise);
  for (const wasm::LabelIdx label : operands.labels) look(target_of(label));

  if (!index.held || index.reg != number(masm::kIndex)) {
    const Reg r = alloc_exactly(masm::kIndex);
    to_reg(index, r);
    release(index);
  } else {
    to_reg(index, masm::kIndex);  // shifted, perhaps
  }
  if (in_slots) {
    values_to_slots(count, stack_.size() - count);
  } else if (count != 0) {
    to_label(otherwise);
  }
  meet(otherwise);
  for (const wasm::LabelIdx label : operands.labels) meet(target_of(label));

  if (in_slots) {
    table_by_stubs(operands, count);
  } else {
    jump_targets_.clear();
    for (const wasm::LabelIdx label : operands.labels) {
      jump_targets_.push_back(&target_of(label).join);
    }
    jump(otherwise.join);
  }
  unlock(masm::kIndex);
  leave();
}

void FuncCompiler::jump(masm::Join& otherwise) {
  if (jump_targets_.empty()) {
    masm_.jump(otherwise);
  } else {
    masm_.jump_table(jump_targets_, otherwise);
  }
}

// The values are in their slots; each target gets a stub that moves them where it wants them.
void FuncCompiler::table_by_stubs(const wasm::immediate::LabelTable& operands, uint32_t count) {
  stubs_.clear();
  jump_targets_.clear();
  const auto add = [&](Block& target) {
    if (target.stub != kNone) return;
    target.stub = static_cast<uint32_t>(stubs_.size());
    stubs_.push_back({masm_.new_join(), &target});
  };
  add(target_of(operands.otherwise));
  for (const wasm::LabelIdx label : operands.labels) add(target_of(label));
  for (const wasm::LabelIdx label : operands.labels) {
    jump_targets_.push_back(&stubs_[target_of(label).stub].join);
  }
  jump(stubs_[0].join);
  const auto first = stack_.size() - count;
  for (Stub& stub : stubs_) {
    masm_.bind(stub.join);
    Block& target = *stub.target;
    target.stub = kNone;
    Value value = stack_.back();
    if (label_in_slots(target)) {
      copy_slots(count, first, target.height);
    } else if (is_float(value.type)) {
      to_freg(value, masm::kFResult);
    } else {
      to_reg(value, masm::kResult);
    }
    masm_.jump(target.join);
  }
}

// Parametric

void FuncCompiler::drop(const wasm::immediate::None&) {
  Value& value = pop();
  if (value.is(Kind::Test)) flags_busy_ = false;
  release(value);
}

void FuncCompiler::do_select() {
  const ValType type = stack_[stack_.size() - 2].type;
  Value& condition = pop();
  Value& if_false = pop();
  Value& if_true = pop();
  const Reg condition_reg = condition.is(Kind::Test) ? Reg::none : in_reg(condition);
  if (is_float(type)) {
    const FReg dst = fown(if_false);
    const FReg from = in_freg(if_true);
    const Test test = condition.is(Kind::Test) ? condition.test() : Test::Ne;
    if (!condition.is(Kind::Test)) {
      masm_.test_zero(Size::S32, condition_reg);
    }
    flags_busy_ = false;
    masm_.select(test, fsize_of(type), dst, from);
    release(condition);
    release(if_true);
    return push_freg(type, dst);
  }
  const Reg from = in_reg(if_true);
  // The local that is set next may take the result, unless one of the operands is in its register.
  const Local* target = target_local(type);
  Reg dst = Reg::none;
  if (target != nullptr && pin_reg(*target) != from && condition_reg != pin_reg(*target)) {
    dst = pin_reg(*target);
    to_reg(if_false, dst);
    release(if_false);
  } else {
    dst = own(if_false);
    if_false.held = false;
  }
  Test test = Test::Ne;
  if (condition.is(Kind::Test)) {
    test = condition.test();
  } else {
    masm_.test_zero(Size::S32, condition_reg);
  }
  flags_busy_ = false;
  masm_.select(test, size_of(type), dst, from);
  release(condition);
  release(if_true);
  push_result(type, dst);
}

void FuncCompiler::select(const wasm::immediate::None&) { do_select(); }
void FuncCompiler::select_t(const wasm::immediate::SelectTypes&) { do_select(); }

}  // namespace cordon::jit
