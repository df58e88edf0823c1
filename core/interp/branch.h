// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Branches by the side table (side_table.h), for the handlers that end in one; and the return from
// a function.
#pragma once

#include "core/interp/handler.h"

namespace cordon::interp {

// Takes the branch entry at `side`, of the instruction at pc, and moves its operands.
COLD HANDLER(branch_and_move);
// The same after all cached operands were spilled to memory.
template <unsigned kCached>
COLD HANDLER(spill_and_branch) {
  spill<kCached>(sp, a, b, c);
  TAIL(branch_and_move);
}
// The run ends with ctx->trap in a round of the loop whose first instruction is at pc: at its
// opcode.
COLD HANDLER(raise_at_loop);
// The innermost function goes on in native code, if it has some at that loop (native_loop.cc). The
// operands are spilled.
COLD HANDLER(go_on_natively);
// The slice ran out in a round of the loop whose entry is just before `side`.
template <unsigned kCached>
COLD HANDLER(end_slice_at_loop) {
  if (!ctx->next_slice(frame->func, side[-1].loop.loop)) TAIL(raise_at_loop);
  if (frame->func->is_native()) {
    spill<kCached>(sp, a, b, c);
    FORGET(0);
    TAIL(go_on_natively);
  }
  NEXT(kCached, 0);
}

// The opcode of the loop whose first instruction is at `pc`. It is followed by its block type:
// bytes with bit 7 set, then one without. The opcode has bit 7 clear too, so it can be found
// backwards.
inline const uint8_t* opcode_of_loop(const uint8_t* pc) {
  pc -= 2;
  while (is_long(*pc)) --pc;
  return pc;
}

// Returns to the caller of the innermost function. Its results are not in memory yet.
#define LEAVE_FUNCTION()   \
  do {                     \
    sp = fp;               \
    pc = frame->return_pc; \
    side = frame->side;    \
    fp = frame->fp;        \
    ++frame;               \
  } while (false)

// Charges one round of the loop whose entry is just before `side`; pc is at its first instruction.
// NEXT(cached, 0) follows.
#define CHARGE_ROUND(cached)                                                \
  do {                                                                      \
    ctx->fuel -= side[-1].loop.fuel;                                        \
    if (ctx->fuel < 0) TAIL(::cordon::interp::end_slice_at_loop<(cached)>); \
  } while (false)

// Takes the branch entry `side` of the instruction at pc. Only a loop is at or before its branch.
#define BRANCH(cached)                                                        \
  do {                                                                        \
    const ::cordon::wasm::BranchEntry& taken_ = side->branch;                 \
    if (taken_.drop != 0) TAIL(::cordon::interp::spill_and_branch<(cached)>); \
    const int64_t distance_ = taken_.pc_delta;                                \
    pc += distance_;                                                          \
    side += taken_.side_delta;                                                \
    if (distance_ <= 0) CHARGE_ROUND(cached);                                 \
    NEXT(cached, 0);                                                          \
  } while (false)

// Takes the branch entry `side` of the instruction at pc, which drops nothing and goes forward.
#define GO_AHEAD(cached)                                      \
  do {                                                        \
    const ::cordon::wasm::BranchEntry& ahead_ = side->branch; \
    pc += ahead_.pc_delta;                                    \
    side += ahead_.side_delta;                                \
    NEXT(cached, 0);                                          \
  } while (false)

// The br_if at pc, its condition already popped.
#define BR_IF(cached, condition)                           \
  do {                                                     \
    if (condition) BRANCH(cached);                         \
    ++side;                                                \
    NEXT(cached, ::cordon::interp::skip_leb(pc + 1) - pc); \
  } while (false)

// The `if` at pc, its condition already popped.
#define IF(cached, condition)                              \
  do {                                                     \
    if (!(condition)) GO_AHEAD(cached);                    \
    ++side;                                                \
    NEXT(cached, ::cordon::interp::skip_leb(pc + 1) - pc); \
  } while (false)

}  // namespace cordon::interp
