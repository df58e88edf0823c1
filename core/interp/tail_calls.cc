// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of tail calls (spec of 3.0 §4.6.5): the callee replaces the innermost
// function, its Frame and its locals, and returns to that function's caller. A sequence
// of tail calls takes no more stack than the largest function in it, also between two
// instances.
//
// As for a call, the stack is checked before the entry fuel is charged [D1]; the frame of the
// function that ends is released first. A function that this interpreter does not run is called
// by the caller of the function that ends.
#include <algorithm>

#include "core/interp/enter.h"
#include "core/interp/handler.h"

namespace cordon::interp {

namespace {

// Ends the run with ctx->trap at the first instruction of ctx->callee, which was not entered but
// whose caller has ended.
COLD HANDLER(raise_in_successor) {
  ctx->trap_pc = frame->call_pc;
  ctx->trap_frame = frame + 1;
  STOP();
}

COLD HANDLER(exhaust_in_successor) {
  ctx->trap = Trap::call_stack_exhausted;
  TAIL(raise_in_successor);
}

// ctx->callee, already checked and charged, takes over the innermost frame, whose `left` becomes
// the bytes that the callee leaves. Its arguments are the slots below `sp`.
SLOW HANDLER(replace_function) {
  const runtime::Func* const func = ctx->callee;
  const uint64_t* from = sp - func->params;
  sp = fp;
  for (uint32_t i = 0; i < func->params; ++i) {
    *sp++ = *from++;
    asm volatile("");  // keeps the loop a loop
  }
  frame->func = func;
  frame->last = func->last;
  sp = zero_locals(func, fp, sp);
  pc = func->pc;
  side = func->side;
  NEXT(0, 0);
}

// The slice of fuel ran out in entering ctx->callee.
COLD HANDLER(end_slice_at_tail_call) {
  runtime::Func* const func = ctx->callee;
  if (!ctx->next_slice(func, runtime::HotSpot::kEntry)) TAIL(raise_in_successor);
  TAIL(replace_function);
}

// The instance of ctx->callee becomes the current one; it is another. No frame that
// returns to the caller's instance is added if there is one already, or at the bottom of a
// run.
COLD HANDLER(change_instance) {
  const runtime::Func* const func = ctx->callee;
  const bool changes = *frame->return_pc != kReturnOpcode && *frame->return_pc != kLeaveOpcode;
  int64_t left = frame->left + int64_t{frame->func->call_bytes};
  if (changes) left -= static_cast<int64_t>(sizeof(Frame));
  if (!fits(func, left)) TAIL(exhaust_in_successor);
  ctx->fuel -= func->entry_fuel;
  if (ctx->fuel < 0 && !ctx->next_slice(func, runtime::HotSpot::kEntry)) TAIL(raise_in_successor);
  if (changes) {
    const uint8_t* const call_pc = frame->call_pc;
    frame->func = nullptr;
    frame->last = nullptr;
    frame->left = left;
    *--frame = {kReturnCode, call_pc, nullptr, nullptr, func, func->last, left};
  }
  frame->left = left - func->call_bytes;
  ctx->enter(func->instance);
  mem = ctx->memory_base();
  TAIL(replace_function);
}

// ctx->callee is called where the innermost function was, whose frame is given back before. At the
// bottom of a run native code is left to the caller of the run: [S1] two engines that
// hand over to each other take no more of the stack than one entry of each.
COLD HANDLER(call_outside_in_place) {
  const runtime::Func* const func = ctx->callee;
  sp = std::copy(sp - func->params, sp, fp);
  ctx->return_pc = frame->return_pc;
  pc = frame->call_pc;
  side = frame->side;
  fp = frame->fp;
  ++frame;
  if (func->is_host() || *ctx->return_pc != kLeaveOpcode) TAIL(call_outside);
  ctx->execution->successor.func = ctx->callee;
  STOP();
}

// ctx->callee is of this instance and cannot be entered: it is native, or its frame does not fit.
COLD HANDLER(leave_or_exhaust) {
  if (ctx->callee->is_native()) TAIL(call_outside_in_place);
  TAIL(exhaust_in_successor);
}

// Enters ctx->callee in place of the innermost function, with the operands spilled.
SLOW HANDLER(tail_call) {
  runtime::Func* const func = ctx->callee;
  if (func->instance != ctx->instance) {
    if (!func->is_host() && !func->is_native()) TAIL(change_instance);
    TAIL(call_outside_in_place);
  }
  const int64_t left = frame->left + int64_t{frame->func->call_bytes};
  if (!fits(func, left)) TAIL(leave_or_exhaust);
  frame->left = left - func->call_bytes;
  ctx->fuel -= func->entry_fuel;
  if (ctx->fuel < 0) TAIL(end_slice_at_tail_call);
  TAIL(replace_function);
}

}  // namespace

namespace on {

template <unsigned kCached>
HANDLER(return_call) {
  spill<kCached>(sp, a, b, c);
  const uint8_t* at = pc + 1;
  ctx->callee = ctx->funcs[read_u32(at)];
  FORGET(0);
  TAIL(tail_call);
}
INSTANTIATE(return_call)

// Type index, then table index.
template <unsigned kCached>
HANDLER(return_call_indirect) {
  const auto element = static_cast<uint32_t>(pop<kCached>(sp, a, b, c));
  spill<after_pop(kCached)>(sp, a, b, c);
  const uint8_t* at = pc + 1;
  FIND_CALLEE(func, element, at);
  ctx->callee = func;
  FORGET(0);
  TAIL(tail_call);
}
INSTANTIATE(return_call_indirect)

}  // namespace on

}  // namespace cordon::interp
