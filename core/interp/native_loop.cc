// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The change from the interpreter to native code in the middle of a function, at the head of a
// loop: native code takes over the function with all its locals and operands, and the Frame goes,
// as at a tail call. So the caller receives what it would receive of a call.
//
// [D1] The interpreter has charged the round that is about to begin, and native code charges it at
// the loop's head: the interpreter gives it back.
#include "core/interp/branch.h"
#include "core/interp/enter.h"
#include "core/interp/handler.h"
#include "core/runtime/entry.h"
#include "core/runtime/loop_state.h"

namespace cordon::interp {

namespace {

// Runs the innermost function to its end, from the loop at `opcode` on, if it has native code for
// that; ctx.trap says how it ended. Its results replace the slots from `fp` on. It may leave a
// successor.
bool run_natively(Context& ctx, Frame* frame, const uint8_t* opcode, uint64_t* fp,
                  uint32_t round_fuel) {
  runtime::Func& func = *ctx.funcs[frame->func->index];
  runtime::Execution& execution = *ctx.execution;
  uint64_t* const old_top = execution.stack_top;
  uint8_t* const old_frames = execution.frames_top;
  const int64_t old_left = execution.frames_left;
  Frame* const caller = frame + 1;
  execution.frames_left = caller->left;
  const auto offset = static_cast<uint32_t>(func.module_offset(opcode));
  const auto state = runtime::loop_state(execution, func, offset, fp);
  if (state) {
    execution.stack_top = fp + func.results;
    execution.frames_top = reinterpret_cast<uint8_t*>(caller);
    execution.fuel = ctx.all_fuel() + int64_t{round_fuel};
    ctx.trap = runtime::enter_at_loop(execution, func, *state, fp);
    ctx.set_fuel(execution.fuel);
  }
  execution.stack_top = old_top;
  execution.frames_top = old_frames;
  execution.frames_left = old_left;
  return state.has_value();
}

}  // namespace

COLD HANDLER(go_on_natively) {
  // What runs inside uses the place of the frame.
  const Frame left = *frame;
  if (!run_natively(*ctx, frame, opcode_of_loop(pc), fp, side[-1].loop.fuel)) NEXT(0, 0);
  sp = fp + left.func->results;
  uint64_t* const first = fp;
  ctx->return_pc = left.return_pc;
  pc = left.call_pc;
  side = left.side;
  fp = left.fp;
  ++frame;
  if (ctx->trap != Trap::none) TAIL(end_or_unwind);
  ctx->measure_memory();
  if (ctx->execution->successor.func != nullptr) {
    sp = take_successor(*ctx, first);
    TAIL(call_outside);
  }
  pc = ctx->return_pc;
  NEXT(0, 0);
}

}  // namespace cordon::interp
