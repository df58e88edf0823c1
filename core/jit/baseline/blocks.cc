// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/baseline/blocks.h"

#include "core/base/check.h"
#include "core/jit/baseline/operands_inl.h"

namespace cordon::jit::baseline {

void Blocks::begin(const wasm::FuncType& type, std::span<const wasm::LoopUse> loops,
                   uint32_t caught_at) {
  caught_at_ = caught_at;
  catches_ = 0;
  ways_.clear();
  blocks_.open_body(type.results).join = masm_.new_join();
  loops_ = loops;
  dead_ = false;
}

bool Blocks::finish() {
  Block& body = blocks_.body();
  if (!dead_) to_label(body);
  if (dead_ && !body.join.used) return false;
  if (body.join.used) masm_.bind(body.join);
  return true;
}

void Blocks::skip(uint32_t loops) {
  loops_ = loops_.subspan(loops);
  operands_.drop_to(blocks_.innermost().height);
}

// Begin and end of blocks

Blocks::Block& Blocks::open(Kind kind, const wasm::BlockType& type) {
  Block& block = blocks_.open(kind, wasm::types_of(type, module_));
  block.height = operands_.size() - static_cast<uint32_t>(block.params.size());
  operands_.flush(block.height);
  block.join = masm_.new_join();
  return block;
}

void Blocks::enter(PinState state) {
  locals_.enter(state);
  operands_.registers().forget_all();
}

void Blocks::open_block(const wasm::BlockType& type) { open(Kind::Block, type); }

const wasm::LoopUse& Blocks::open_loop(const wasm::BlockType& type) {
  Block& block = open(Kind::Loop, type);
  for (uint32_t i = block.height; i < operands_.size(); ++i) {
    CHECK(operands_[i].is(Value::Kind::Slot));
  }
  const wasm::LoopUse& use = loops_.front();
  loops_ = loops_.subspan(1);
  block.state = locals_.at_loop(use);
  block.has_state = true;
  operands_.registers().forget_all();
  if (use.innermost) masm_.align_loop();
  masm_.bind_loop(block.join, locals_.u32_of(block.state.regs));
  return use;
}

void Blocks::open_if(const wasm::BlockType& type) {
  const masm::Test test = operands_.pop_test();
  Block& block = open(Kind::If, type);
  operands_.free_flags();
  block.otherwise = masm_.new_join();
  locals_.forget_dead();
  masm_.branch(masm::negate(test), block.otherwise);
  block.otherwise_state = locals_.state();
}

Blocks::Block& Blocks::end_part() {
  Block& block = blocks_.innermost();
  if (!dead_) {
    to_label(block);
    meet(block);
    masm_.jump(block.join);
  }
  operands_.drop_to(block.height);
  dead_ = false;
  return block;
}

void Blocks::start_else() {
  Block& block = end_part();
  block.kind = Kind::Else;
  masm_.bind(block.otherwise);
  enter(block.otherwise_state);
  operands_.push_slots(block.params);
}

// `if` without `else`: the edge of a condition that is zero brings the state recorded at the `if`
// (otherwise_state).
void Blocks::end_if(Block& block) {
  const PinState other = block.otherwise_state;
  const bool apart = block.has_state && block.state.apart_from(other) != 0;
  if (apart || !block.results.empty()) return start_else();
  block.state = block.has_state ? block.state.common_with(other) : other;
  block.has_state = true;
  if (!dead_) meet(block);
  operands_.drop_to(block.height);
  masm_.bind(block.otherwise);
  dead_ = false;
  enter(block.state);
}

void Blocks::end() {
  if (blocks_.innermost().kind == Kind::Body) return;  // finish() handles the body's
  if (blocks_.innermost().kind == Kind::If) end_if(blocks_.innermost());
  Block& block = blocks_.innermost();
  if (block.kind == Kind::Catch || block.kind == Kind::CatchAll) --catches_;
  if (block.kind == Kind::Loop || !block.join.used) {
    if (dead_) operands_.drop_to(block.height);
    blocks_.close();
    return;
  }
  if (!dead_) {
    to_label(block);
    meet(block);
  }
  operands_.drop_to(block.height);
  masm_.bind(block.join);
  dead_ = false;
  enter(block.state);
  push_label_values(block);
  blocks_.close();
}

// Labels

// Makes the state here imply that of `target`, or weakens the latter if it is not bound yet.
void Blocks::meet(Block& target) {
  locals_.forget_dead();
  if (target.kind == Kind::Body) return;
  if (target.kind == Kind::Loop) return locals_.establish(target.state);
  target.state = target.has_state ? locals_.agree_with(target.state) : locals_.state();
  target.has_state = true;
}

// Moves the top entries to where the label expects them; they stay on the stack.
void Blocks::to_label(Block& target) {
  const uint32_t count = target.label_size();
  if (count == 0) return;
  if (target.label_in_slots()) return to_slots(count, target.height);
  with_class(operands_.top().type, [&]<class R>() {
    constexpr R kResult = ClassOf<R>::kResult;
    const Value& top = operands_.top();
    if (top.is(Value::Kind::Reg) && top.reg == number(kResult)) return;
    Value& value = operands_.pop();
    operands_.alloc_exactly(kResult);
    operands_.put(value, kResult);
    operands_.release(value);
    operands_.push_reg(value.type, kResult);
  });
}

void Blocks::push_label_values(const Block& block) {
  if (block.label_in_slots()) return operands_.push_slots(block.label());
  const ValType type = block.label()[0];
  with_class(type, [&]<class R>() {
    operands_.push_reg(type, operands_.alloc_exactly(ClassOf<R>::kResult));
  });
}

// The top `count` entries go to their slots, and from there to those of the entries from `height`
// on, which are not above them.
void Blocks::to_slots(uint32_t count, uint32_t height) {
  const uint32_t first = operands_.size() - count;
  for (uint32_t i = first; i < operands_.size(); ++i) operands_.to_slot(i);
  copy_entries(count, first, height);
}

// Copies `count` operands from their slots to those of others. REQUIRES: they are in their slots.
void Blocks::copy_entries(uint32_t count, uint32_t from, uint32_t to) {
  if (from == to || count == 0) return;
  // The operands at the target are still on the stack, possibly with other types.
  uint32_t target = operands_.slot(to);
  for (uint32_t i = 0; i < count; ++i) {
    const NarrowType type = operands_[from + i].type;
    copy_slots(masm_, type, operands_.slot(from + i), target);
    target += abi::slot_bytes(abi::slots_of(type));
  }
}

// Branches

void Blocks::branch_to(Block& target) {
  to_label(target);
  meet(target);
  masm_.jump(target.join);
  leave();
}

void Blocks::branch_if(wasm::LabelIdx label) {
  Block& target = blocks_[label];
  const masm::Test test = operands_.pop_test();
  const uint32_t count = target.label_size();
  if (target.label_in_slots() && count != 0) {
    // Moving values to the target's slots could overwrite others that are needed if not taken.
    masm::Join stay = masm_.new_join();
    const uint32_t first = operands_.size() - count;
    to_slots(count, first);
    meet(target);
    operands_.free_flags();
    masm_.branch(masm::negate(test), stay);
    copy_entries(count, first, target.height);
    masm_.jump(target.join);
    masm_.bind(stay);
    return;
  }
  to_label(target);
  meet(target);
  operands_.free_flags();
  masm_.branch(test, target.join);
}

void Blocks::branch_by_table(const wasm::immediate::LabelTable& labels) {
  Value index = operands_.pop();
  Block& otherwise = blocks_[labels.otherwise];
  const uint32_t count = otherwise.label_size();
  // With several values, or with parameters of a loop among the targets, each target has slots of
  // its own.
  bool in_slots = false;
  const auto look = [&](const Block& target) { in_slots |= count != 0 && target.label_in_slots(); };
  look(otherwise);
  for (const wasm::LabelIdx label : labels.labels) look(blocks_[label]);

  operands_.move_to(index, masm::kIndex);
  if (in_slots) {
    to_slots(count, operands_.size() - count);
  } else if (count != 0) {
    to_label(otherwise);
  }
  meet(otherwise);
  for (const wasm::LabelIdx label : labels.labels) meet(blocks_[label]);

  if (in_slots) {
    jump_by_stubs(labels, count);
  } else {
    jump_targets_.clear();
    for (const wasm::LabelIdx label : labels.labels) {
      jump_targets_.push_back(&blocks_[label].join);
    }
    jump(otherwise.join);
  }
  operands_.unlock(masm::kIndex);
  leave();
}

void Blocks::jump(masm::Join& otherwise) {
  if (jump_targets_.empty()) {
    masm_.jump(otherwise);
  } else {
    masm_.jump_table(jump_targets_, otherwise);
  }
}

// The values are in their slots; each target gets a stub that moves them to where it expects them.
void Blocks::jump_by_stubs(const wasm::immediate::LabelTable& labels, uint32_t count) {
  stubs_.clear();
  jump_targets_.clear();
  const auto add = [&](Block& target) {
    if (target.stub != kNone) return;
    target.stub = static_cast<uint32_t>(stubs_.size());
    stubs_.push_back({masm_.new_join(), &target});
  };
  add(blocks_[labels.otherwise]);
  for (const wasm::LabelIdx label : labels.labels) add(blocks_[label]);
  for (const wasm::LabelIdx label : labels.labels) {
    jump_targets_.push_back(&stubs_[blocks_[label].stub].join);
  }
  jump(stubs_[0].join);
  const uint32_t first = operands_.size() - count;
  for (Stub& stub : stubs_) {
    masm_.bind(stub.join);
    Block& target = *stub.target;
    target.stub = kNone;
    if (target.label_in_slots()) {
      copy_entries(count, first, target.height);
    } else {
      const Value value = operands_.top();
      with_class(value.type, [&]<class R>() { operands_.put(value, ClassOf<R>::kResult); });
    }
    masm_.jump(target.join);
  }
}

}  // namespace cordon::jit::baseline
