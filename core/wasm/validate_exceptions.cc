// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of FuncValidator that throw and catch (spec of 3.0 §3.4.9, and the legacy encoding), and
// the handlers by which an engine finds the code that catches (side_table.h). Entering a block that
// catches costs nothing.
#include <string>

#include "core/wasm/limits.h"
#include "core/wasm/validate_func_inl.h"

namespace cordon::wasm {

namespace {

// The reference that a clause gives is never null.
constexpr ValType kCaught = ref_type(HeapKind::exn, false);

}  // namespace

bool FuncValidator::has_tag(TagIdx tag) {
  if (tag.value < module_.tags.size()) return true;
  refuse_index(diag::unknown_tag, tag.value);
  return false;
}

void FuncValidator::throw_(const immediate::Tag& operands) {
  if (!has_tag(operands.tag)) return;
  const TypeIdx type = module_.tags[operands.tag.value];
  has_vectors_ |= slot_types_.has_vectors(type);
  note_exception(slot_types_.of(type).params, false);
  if (pop(slot_types_.of(type).params)) leave();
}

// `slots`: of the payload, one entry each.
void FuncValidator::note_exception(std::span<const ValType> slots, bool has_ref) {
  const auto count = static_cast<uint32_t>(slots.size()) + (has_ref ? 1 : 0);
  exception_slots_ = std::max(exception_slots_, count);
}

void FuncValidator::throw_ref(const immediate::None&) {
  if (pop(ValType::exnref)) leave();
}

// Adds a handler for exceptions from [begin, end), if that code is reachable.
void FuncValidator::handle(uint32_t begin, uint32_t end, uint32_t owner, uint32_t entry) {
  SideEntry handler{};
  handler.handler = {begin, end, owner, entry};
  handlers_.push_back(handler);
}

// Labels count from outside the block.
void FuncValidator::try_table(const immediate::TryTable& operands) {
  const uint32_t entry = add_entry();
  for (const immediate::Catch& each : operands.catches) {
    if (!clause(each)) return;
  }
  if (live_) {
    const auto clauses = static_cast<int32_t>(operands.catches.size());
    (*entries_)[entry].branch = {static_cast<int32_t>(cursor_.offset() - op_offset_), clauses + 1,
                                 0, 0};
  }
  if (!open_block(BlockKind::TryTable, operands.type)) return;
  blocks_.innermost().entry = entry;
  blocks_.innermost().owner = op_offset_;
}

// [S1] Only this clause may put the label's operands on the stack, so their height is checked.
bool FuncValidator::clause(const immediate::Catch& clause) {
  Block* target = target_of(clause.label);
  if (target == nullptr || (clause.has_tag() && !has_tag(clause.tag))) return false;
  std::vector<ValType> given;
  if (clause.has_tag()) {
    const TypeIdx type = module_.tags[clause.tag.value];
    has_vectors_ |= slot_types_.has_vectors(type);
    given = slot_types_.of(type).params;
  }
  note_exception(given, clause.has_ref());
  if (clause.has_ref()) given.push_back(kCaught);
  const std::span<const ValType> label = target->label();
  if (!std::ranges::equal(given, label, matches)) {
    refuse(diag::type_mismatch, "a catch clause does not give what its label takes");
    return false;
  }
  const uint32_t index = add_entry();
  if (!live_) return true;
  const auto keep = static_cast<uint32_t>(label.size());
  operands_.make_room(target->floor + keep);
  if (target->kind != BlockKind::Loop) {
    wait(target->pending, index, keep, target->floor);
  } else {
    BranchEntry& entry = (*entries_)[index].branch;
    entry.keep = keep;
    entry.drop = target->floor;
    fix(entry, index, op_offset_, target->start, target->entry + 1);
  }
  return true;
}

// Legacy

void FuncValidator::try_(const immediate::Block& operands) {
  open_block(BlockKind::Try, operands.type);
}

// The local, after all others, that holds the exception that the block has caught.
uint32_t FuncValidator::caught_local(const Block& block) { return local_slots_ + block.owner; }

void FuncValidator::catch_(const immediate::Tag& operands) {
  if (!has_tag(operands.tag)) return;
  const TypeIdx type = module_.tags[operands.tag.value];
  has_vectors_ |= slot_types_.has_vectors(type);
  catch_part(BlockKind::Catch, slot_types_.of(type).params);
}

void FuncValidator::catch_all(const immediate::None&) { catch_part(BlockKind::CatchAll, {}); }

// Turns the innermost `try` into its part that catches from its first part.
void FuncValidator::catch_part(BlockKind kind, std::span<const ValType> payload) {
  --fuel_;
  Block& block = blocks_.innermost();
  if (block.kind != BlockKind::Try && block.kind != BlockKind::Catch) {
    return refuse(diag::end_opcode_expected, "catch without try");
  }
  if (!operands_.exactly(block.results)) return mismatch(block.results);
  note_exception(payload, true);
  const uint32_t index = add_entry();
  if (block.kind == BlockKind::Try) {
    block.try_begin = block.start;
    block.try_end = op_offset_;
    block.owner = catches_++;
    catch_depth_ = std::max(catch_depth_, catches_);
  }
  if (live_) {
    wait(block.pending, index, caught_local(block), block.floor);
  } else {
    (*entries_)[index].branch = {0, 0, caught_local(block), block.floor};
  }
  if (!block.dead) {
    handle(block.try_begin, block.try_end, op_offset_, static_cast<uint32_t>(index - first_entry_));
  }
  block.kind = kind;
  block.start = cursor_.offset();
  block.unreachable = false;
  live_ = !block.dead;
  operands_.restart(false);
  operands_.push(payload);
}

void FuncValidator::rethrow(const immediate::Label& operands) {
  const Block* target = target_of(operands.label);
  if (target == nullptr) return;
  if (target->kind != BlockKind::Catch && target->kind != BlockKind::CatchAll) {
    return refuse_index(diag::invalid_rethrow, operands.label.value);
  }
  const uint32_t index = add_entry();
  if (live_) (*entries_)[index].branch.keep = caught_local(*target);
  leave();
}

// An exception in the `try` that ends here continues as if it came from the start of the label's
// block, outside of that `try`: no handler of a block within that one covers it.
void FuncValidator::delegate(const immediate::Label& operands) {
  --fuel_;
  const Block block = blocks_.innermost();
  if (block.kind != BlockKind::Try) {
    return refuse(diag::end_opcode_expected, "delegate without try");
  }
  const uint32_t label = operands.label.value;
  if (label == UINT32_MAX || !blocks_.has({label + 1})) {
    return refuse_index(diag::unknown_label, label);
  }
  if (!operands_.exactly(block.results)) return mismatch(block.results);
  if (!block.dead) handle(block.start, op_offset_, op_offset_, blocks_[{label + 1}].start);
  close_innermost();
}

// Called at the `end` of a block that may catch.
void FuncValidator::close_try(const Block& block) {
  if (block.kind == BlockKind::Catch || block.kind == BlockKind::CatchAll) --catches_;
  if (block.kind != BlockKind::TryTable || block.dead) return;
  handle(block.start, op_offset_, block.owner, static_cast<uint32_t>(block.entry - first_entry_));
}

}  // namespace cordon::wasm
