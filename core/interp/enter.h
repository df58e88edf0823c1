// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Entering a function, for the handlers of calls (calls.cc) and of tail calls
// (tail_calls.cc).
#pragma once

#include <cstring>

#include "core/interp/handler.h"

namespace cordon::interp {

// [S1] Whether a call of `func` fits into the bytes left, and is interpreted (Func).
INLINE bool fits(const runtime::Func* func, int64_t left) {
  return left >= int64_t{func->checked_bytes};
}

// Zeroes the declared locals, which begin at `sp`, after the arguments; returns the first free slot
// after all locals. Four at a time, so up to three slots more are written. No memset: a call of it
// would cost the handler a stack frame.
INLINE uint64_t* zero_locals(const runtime::Func* func, uint64_t* fp, uint64_t* sp) {
  uint64_t* const end = fp + func->locals;
  for (; sp < end; sp += 4) {
    std::memset(sp, 0, 4 * sizeof *sp);
    asm volatile("");  // keeps the loop a loop
  }
  return end;
}

// The return address of a function that was called from another instance: it returns there.
inline constexpr uint8_t kReturnCode[] = {kReturnOpcode};

// Enters ctx->callee, with the operands spilled, by whatever engine runs it, or traps if its frame
// does not fit. It returns to ctx->return_pc.
COLD HANDLER(call_outside);
// A function that was called outside of this run has returned ctx->trap, which is not none; pc is
// the call. An exception that it passes on is thrown from there.
COLD HANDLER(end_or_unwind);
// The function that a callee outside of this run has left to go on in its place becomes
// ctx->callee. Its arguments go to the slots from `first` on, where the callee's were; the end of
// them comes back. [S1] There is room for the arguments of any function above what is checked.
uint64_t* take_successor(Context& ctx, uint64_t* first);

// Finds the function at index `element` of a table, by the immediates at `at` (type index, then
// table index), and moves `at` past them; or traps.
#define FIND_CALLEE(func, element, at)                                                        \
  const uint32_t type_ = ::cordon::interp::read_u32(at);                                      \
  const ::cordon::runtime::Table* const table_ =                                              \
      ctx->instance->tables[::cordon::interp::read_u32(at)];                                  \
  if ((element) >= table_->size()) TAIL(::cordon::interp::raise<Trap::undefined_element>);    \
  auto* const func = reinterpret_cast<::cordon::runtime::Func*>(table_->elements()[element]); \
  if (func == nullptr) TAIL(::cordon::interp::raise<Trap::uninitialized_element>);            \
  if (func->type_id != ctx->instance->type_ids[type_]) {                                      \
    TAIL(::cordon::interp::raise<Trap::indirect_call_type_mismatch>);                         \
  }

}  // namespace cordon::interp
