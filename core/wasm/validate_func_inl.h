// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pass over a body, for FuncValidator and its variants, and the rows that make up a third of
// all instructions, to be inlined into it. Only their .cc files include it.
#pragma once

#include <string>

#include "core/base/inline_call.h"
#include "core/wasm/validate_func.h"

namespace cordon::wasm {

// `visitor` is *this with its most-derived type, so that row methods are called statically.
template <class Visitor>
Result<ValidatedFunc> FuncValidator::validate_by(Visitor& visitor, uint32_t index,
                                                 std::vector<SideEntry>& entries) {
  const FuncBody& body = module_.bodies[index];
  const FuncIdx func{module_.imported_funcs + index};
  const TypeIdx type = module_.funcs[func.value];
  cursor_ = Cursor(module_.bytes(), body.code);
  entries_ = &entries;
  first_entry_ = entries.size();
  begin(index, type);
  visitor.body_begins();
  const uint8_t* at = cursor_.position();
  while (!blocks_.empty() && cursor_.ok()) {
    op_offset_ = cursor_.offset_of(at);
    ++fuel_;
    CORDON_INLINE_CALL at = reader_.next(at, visitor);
    if (operands_.too_high()) [[unlikely]]
      too_many_operands();
  }
  if (cursor_.ok() && !cursor_.at_end()) {
    cursor_.fail(diag::junk_after_end, cursor_.offset(),
                 std::to_string(cursor_.remaining()) + " bytes after the last end");
  }
  if (!cursor_.ok()) return error_of(body);
  visitor.body_ends();
  if (!handlers_.empty()) entries.insert(entries.end(), handlers_.begin(), handlers_.end());

  ValidatedFunc validated;
  validated.index_ = func;
  validated.type_ = &module_.types[type.value];
  validated.body_ = &body;
  validated.locals_ = local_slots_ + catch_depth_;
  validated.handlers_ = static_cast<uint32_t>(handlers_.size());
  validated.max_operands_ = operands_.highest();
  validated.calls_ = calls_;
  validated.has_vectors_ = has_vectors_;
  validated.call_slots_ = call_slots_;
  validated.tail_slots_ = tail_slots_;
  validated.exceptions_ = {exception_slots_, catch_depth_};
  validated.entry_fuel_ = fuel_;
  validated.loops_ = loops_;
  return validated;
}

inline bool FuncValidator::has_local(LocalIdx local) {
  if (local.value < locals_.size()) [[likely]]
    return true;
  refuse_index(diag::unknown_local, local.value);
  return false;
}

inline bool FuncValidator::pop(ValType type) {
  if (!operands_.on_top(type)) [[unlikely]] {
    mismatch({&type, 1});
    return false;
  }
  operands_.drop(1);
  return true;
}

inline bool FuncValidator::pop_value(ValType type) {
  if (type != ValType::v128) [[likely]]
    return pop(type);
  vector_move();
  const ValType slots[] = {type, type};
  return pop(slots);
}

inline void FuncValidator::push_value(ValType type) {
  operands_.push(type);
  if (type == ValType::v128) [[unlikely]] {
    vector_move();
    operands_.push(type);
  }
}

[[gnu::always_inline]] inline void FuncValidator::local_get(const immediate::Local& operands) {
  if (has_local(operands.local)) push_value(locals_[operands.local.value]);
}

[[gnu::always_inline]] inline void FuncValidator::local_set(const immediate::Local& operands) {
  if (has_local(operands.local)) pop_value(locals_[operands.local.value]);
}

[[gnu::always_inline]] inline void FuncValidator::local_tee(const immediate::Local& operands) {
  if (!has_local(operands.local)) return;
  const ValType type = locals_[operands.local.value];
  if (pop_value(type)) push_value(type);
}

}  // namespace cordon::wasm
