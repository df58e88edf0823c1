// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of FuncValidator that open, close and leave blocks (spec §3.3.8), and their side table
// entries (side_table.h). Entries are indexed in a pool that several functions share; only
// differences of indices are stored.
#include <algorithm>
#include <array>
#include <string>

#include "core/wasm/limits.h"
#include "core/wasm/validate_func_inl.h"

namespace cordon::wasm {

namespace {

constexpr uint8_t kEndByte = static_cast<uint8_t>(Op::end);

}  // namespace

// Side entries

uint32_t FuncValidator::add_entry() {
  entries_->push_back(SideEntry{});
  return static_cast<uint32_t>(entries_->size() - 1);
}

// Sets the target of an entry: `offset`, where `next` is the next entry.
void FuncValidator::fix(BranchEntry& entry, uint32_t index, uint32_t owner, uint32_t offset,
                        uint32_t next) {
  entry.pc_delta = static_cast<int32_t>(offset) - static_cast<int32_t>(owner);
  entry.side_delta = static_cast<int32_t>(next) - static_cast<int32_t>(index);
}

// Adds the entry of the current instruction to those that wait for one target.
void FuncValidator::wait(Pending& pending, uint32_t entry, uint32_t keep, uint32_t drop) {
  BranchEntry& waiting = (*entries_)[entry].branch;
  waiting = {static_cast<int32_t>(op_offset_), pending.first, keep, drop};
  pending.first = static_cast<int32_t>(entry);
  if (pending.last == Pending::kNone) pending.last = pending.first;
}

void FuncValidator::splice(Pending& into, const Pending& from) {
  if (from.first == Pending::kNone) return;
  (*entries_)[static_cast<uint32_t>(from.last)].branch.side_delta = into.first;
  into.first = from.first;
  if (into.last == Pending::kNone) into.last = from.last;
}

// Sets the target of all waiting entries: `offset` and the next entry to be added.
void FuncValidator::land(const Pending& pending, uint32_t offset) {
  const auto next = static_cast<uint32_t>(entries_->size());
  for (int32_t at = pending.first; at != Pending::kNone;) {
    const auto index = static_cast<uint32_t>(at);
    BranchEntry& entry = (*entries_)[index].branch;
    at = entry.side_delta;
    fix(entry, index, static_cast<uint32_t>(entry.pc_delta), offset, next);
  }
}

// Adds the entry of a branch whose label types are on top of the stack.
void FuncValidator::branch(Block& target) {
  const uint32_t index = add_entry();
  if (!live_) return;
  const auto keep = static_cast<uint32_t>(target.label().size());
  const uint32_t drop = operands_.height() - keep - target.floor;
  if (target.kind != BlockKind::Loop) return wait(target.pending, index, keep, drop);
  BranchEntry& entry = (*entries_)[index].branch;
  entry.keep = keep;
  entry.drop = drop;
  fix(entry, index, op_offset_, target.start, target.entry + 1);
}

// Blocks

// Opens a block; its parameters, on top of the stack, become its operands.
bool FuncValidator::open_block(BlockKind kind, const BlockType& type) {
  if (type.kind == BlockType::Kind::Func && type.type.value >= module_.types.size()) {
    refuse_index(diag::unknown_type, type.type.value);
    return false;
  }
  const BlockTypes types = slot_types_.of(type);
  has_vectors_ |= slot_types_.has_vectors(type);
  return pop(types.params) && begin_block(blocks_.open(kind, types));
}

bool FuncValidator::begin_block(Block& block) {
  if (blocks_.too_deep()) {  // [L1]
    refuse(diag::limit_exceeded, "nested blocks, the limit is " + std::to_string(kMaxNesting));
    return false;
  }
  block.dead = !live_;
  block.start = cursor_.offset();
  block.floor = operands_.open();
  operands_.push(block.params);
  return true;
}

void FuncValidator::block(const immediate::Block& operands) {
  open_block(BlockKind::Block, operands.type);
}

void FuncValidator::loop(const immediate::Block& operands) {
  if (!open_block(BlockKind::Loop, operands.type)) return;
  Block& block = blocks_.innermost();
  block.entry = add_entry();
  block.outer_fuel = fuel_;
  fuel_ = 0;
  if (live_) (*entries_)[block.entry].loop = {0, loops_, {0, 0}};
  ++loops_;
  loop_opened();
}

void FuncValidator::if_(const immediate::Block& operands) {
  if (!pop(ValType::i32) || !open_block(BlockKind::If, operands.type)) return;
  blocks_.innermost().entry = add_entry();
  if (!live_) return;
  BranchEntry& entry = (*entries_)[blocks_.innermost().entry].branch;
  entry.pc_delta = static_cast<int32_t>(op_offset_);
  entry.keep = static_cast<uint32_t>(blocks_.innermost().params.size());
}

void FuncValidator::else_(const immediate::None&) {
  --fuel_;
  Block& block = blocks_.innermost();
  if (block.kind != BlockKind::If) return refuse(diag::end_opcode_expected, "else without if");
  if (!operands_.exactly(block.results)) return mismatch(block.results);
  const uint32_t index = add_entry();
  if (live_) wait(block.pending, index, static_cast<uint32_t>(block.results.size()), 0);
  if (!block.dead) {
    BranchEntry& entry = (*entries_)[block.entry].branch;
    fix(entry, block.entry, static_cast<uint32_t>(entry.pc_delta), cursor_.offset(), index + 1);
  }
  block.kind = BlockKind::Else;
  block.unreachable = false;
  live_ = !block.dead;
  operands_.restart(false);
  operands_.push(block.params);
}

void FuncValidator::end(const immediate::None&) {
  --fuel_;
  Block& block = blocks_.innermost();
  if (!operands_.exactly(block.results)) return mismatch(block.results);
  if (block.kind == BlockKind::Body) return end_body();
  if (block.kind == BlockKind::Loop) close_loop(block);
  if (block.kind > BlockKind::Else) close_try(block);
  if (block.kind == BlockKind::If) {
    // An `if` without `else` passes its parameters on as results.
    if (!std::ranges::equal(block.params, block.results)) {
      return else_is_missing(block.params, block.results);
    }
    if (!block.dead) {
      Pending alone{static_cast<int32_t>(block.entry), static_cast<int32_t>(block.entry)};
      splice(block.pending, alone);
    }
  }
  close_innermost();
}

void FuncValidator::close_loop(const Block& block) {
  if (!block.dead) (*entries_)[block.entry].loop.fuel = fuel_;
  fuel_ = block.outer_fuel;
}

// A branch to just before the `end` of the enclosing block joins that block's branches: it drops
// nothing, so the operands are the same there. The function's own `end` returns, so it is a target
// itself.
void FuncValidator::close_innermost() {
  const Block block = blocks_.innermost();
  blocks_.close();
  Block& outer = blocks_.innermost();
  if (cursor_.peek() == kEndByte && outer.kind != BlockKind::Body) {
    splice(outer.pending, block.pending);
  } else {
    land(block.pending, cursor_.offset());
  }
  operands_.close(outer.floor, outer.unreachable);
  operands_.push(block.results);
  live_ = !outer.dead && !outer.unreachable;
}

void FuncValidator::end_body() {
  land(blocks_.innermost().pending, op_offset_);
  blocks_.close();
}

// Branches

void FuncValidator::leave() {
  blocks_.innermost().unreachable = true;
  live_ = false;
  operands_.restart(true);
}

FuncValidator::Block* FuncValidator::target_of(LabelIdx label) {
  if (blocks_.has(label)) [[likely]]
    return &blocks_[label];
  refuse_index(diag::unknown_label, label.value);
  return nullptr;
}

void FuncValidator::unreachable(const immediate::None&) { leave(); }

void FuncValidator::br(const immediate::Label& operands) {
  Block* target = target_of(operands.label);
  if (target == nullptr) return;
  if (!operands_.on_top(target->label())) return mismatch(target->label());
  branch(*target);
  leave();
}

// The values that fall through get the label's types, even if they were of unknown type.
void FuncValidator::br_if(const immediate::Label& operands) {
  if (!pop(ValType::i32)) return;
  Block* target = target_of(operands.label);
  if (target == nullptr) return;
  const std::span<const ValType> types = target->label();
  if (!operands_.on_top(types)) return mismatch(types);
  branch(*target);
  if (!operands_.polymorphic()) return;
  operands_.drop(types.size());
  operands_.push(types);
}

void FuncValidator::br_table(const immediate::LabelTable& operands) {
  if (!pop(ValType::i32)) return;
  Block* otherwise = target_of(operands.otherwise);
  if (otherwise == nullptr) return;
  const size_t arity = otherwise->label().size();
  for (LabelIdx label : operands.labels) {
    Block* target = target_of(label);
    if (target == nullptr) return;
    const std::span<const ValType> types = target->label();
    if (types.size() != arity || !operands_.on_top(types)) return mismatch(types);
    branch(*target);
  }
  if (!operands_.on_top(otherwise->label())) return mismatch(otherwise->label());
  branch(*otherwise);
  leave();
}

void FuncValidator::return_(const immediate::None&) {
  const std::span<const ValType> results = blocks_.body().results;
  if (!operands_.on_top(results)) return mismatch(results);
  leave();
}

}  // namespace cordon::wasm
