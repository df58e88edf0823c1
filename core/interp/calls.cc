// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of calls and returns (spec §4.4.8). A call within the guest uses no native stack: it
// pushes a Frame and continues. Calls of the host, of native code and into other instances take the
// slow path.
//
// The order is fixed, so that compilers can agree on it [D1]: first the stack is checked, then the
// callee's entry fuel is charged, both before anything of the callee runs, and both trap at its
// first instruction.
#include <algorithm>
#include <utility>

#include "core/abi/frame.h"
#include "core/interp/branch.h"
#include "core/interp/enter.h"
#include "core/interp/handler.h"
#include "core/runtime/entry.h"
#include "core/runtime/host_call.h"
#include "core/runtime/store.h"

namespace cordon::interp {

namespace {

// Calls the host, or native code, which may leave a successor. Arguments are the slots below `sp`;
// results replace them.
Trap call_host(Context& ctx, Frame* frame, uint64_t* sp) {
  const runtime::Func& func = *ctx.callee;
  runtime::Execution& execution = *ctx.execution;
  uint64_t* const args = sp - func.params;
  uint64_t* const old_top = execution.stack_top;
  uint8_t* const old_frames = execution.frames_top;
  const int64_t old_left = execution.frames_left;
  execution.stack_top = std::max(sp, args + func.results);
  execution.frames_top = reinterpret_cast<uint8_t*>(frame);
  execution.frames_left = frame->left - abi::kReturnAddress;  // as of a builtin
  execution.fuel = ctx.all_fuel();
  const Trap trap = func.is_host()
                        ? runtime::call_host(execution, ctx.instance, *ctx.callee, args, args)
                        : runtime::call_func_once(execution, *ctx.callee, args, args);
  ctx.set_fuel(execution.fuel);
  execution.stack_top = old_top;
  execution.frames_top = old_frames;
  execution.frames_left = old_left;
  return trap;
}

}  // namespace

uint64_t* take_successor(Context& ctx, uint64_t* first) {
  runtime::Successor& successor = ctx.execution->successor;
  ctx.callee = std::exchange(successor.func, nullptr);
  return std::copy_n(successor.args.data(), ctx.callee->params, first);
}

// After a tail call the current frame belongs to no function: it is the bottom of the run, or a
// change of instance.
COLD HANDLER(end_or_unwind) {
  if (ctx->trap != Trap::uncaught_exception) TAIL(raise_kept);
  ctx->exception = ctx->instance->store->find_exception(ctx->execution->exception);
  if (ctx->exception == nullptr || frame->return_pc == nullptr) TAIL(raise_kept);
  if (frame->func == nullptr) {
    pc = frame->call_pc;
    fp = frame->fp;
    ++frame;
  }
  TAIL(unwind);
}

namespace {

// Enters `func`, already checked and charged, with its locals from `first_local` on; its call
// returns to `return_to`.
#define ENTER(func, first_local, return_to)                         \
  do {                                                              \
    const int64_t left = frame->left - (func)->call_bytes;          \
    *--frame = {return_to, pc, side, fp, func, (func)->last, left}; \
    fp = (first_local);                                             \
    sp = zero_locals(func, fp, sp);                                 \
    pc = (func)->pc;                                                \
    side = (func)->side;                                            \
    NEXT(0, 0);                                                     \
  } while (false)

// Ends the run with ctx->trap at the first instruction of ctx->callee, which was not entered.
COLD HANDLER(raise_in_callee) {
  ctx->trap_pc = pc;
  ctx->trap_frame = frame;
  STOP();
}

COLD HANDLER(exhaust_in_callee) {
  ctx->trap = Trap::call_stack_exhausted;
  TAIL(raise_in_callee);
}

// The slice of fuel ran out in entering ctx->callee, a function of this instance.
COLD HANDLER(end_slice_at_call) {
  runtime::Func* const func = ctx->callee;
  if (!ctx->next_slice(func, runtime::HotSpot::kEntry)) TAIL(raise_in_callee);
  ENTER(func, sp - func->params, ctx->return_pc);
}

// Enters ctx->callee, an interpreted function of this instance.
COLD HANDLER(call_checked) {
  runtime::Func* const func = ctx->callee;
  if (!fits(func, frame->left)) TAIL(exhaust_in_callee);
  ctx->fuel -= func->entry_fuel;
  if (ctx->fuel < 0) TAIL(end_slice_at_call);
  ENTER(func, sp - func->params, ctx->return_pc);
}

}  // namespace

COLD HANDLER(call_outside) {
  runtime::Func* const func = ctx->callee;
  if (func->is_host() || func->is_native()) {
    ctx->trap = call_host(*ctx, frame, sp);
    if (ctx->trap != Trap::none) TAIL(end_or_unwind);
    ctx->measure_memory();
    if (ctx->execution->successor.func != nullptr) {
      sp = take_successor(*ctx, sp - func->params);
      TAIL(call_outside);
    }
    sp = sp - func->params + func->results;
    pc = ctx->return_pc;
    NEXT(0, 0);
  }
  if (func->instance == ctx->instance) TAIL(call_checked);
  uint64_t* const callee_fp = sp - func->params;
  // After a tail call there may be a frame that returns to the caller's instance, or no caller.
  const uint8_t* const to = ctx->return_pc;
  const bool changes = *to != kReturnOpcode && *to != kLeaveOpcode;
  const int64_t left = frame->left - (changes ? int64_t{sizeof(Frame)} : 0);
  if (!fits(func, left)) TAIL(exhaust_in_callee);
  ctx->fuel -= func->entry_fuel;
  if (ctx->fuel < 0 && !ctx->next_slice(func, runtime::HotSpot::kEntry)) TAIL(raise_in_callee);
  if (changes) *--frame = {to, pc, side, fp, nullptr, nullptr, left};
  const uint8_t* const back = changes ? kReturnCode : to;
  *--frame = {back, pc, nullptr, nullptr, func, func->last, left - func->call_bytes};
  ctx->enter(func->instance);
  mem = ctx->memory_base();
  fp = callee_fp;
  sp = zero_locals(func, fp, sp);
  pc = func->pc;
  side = func->side;
  NEXT(0, 0);
}

// Calls `func` from the instruction at pc, which is `length` bytes long. The operands are spilled.
#define CALL(func, length)                         \
  do {                                             \
    if (func->instance != ctx->instance) {         \
      ctx->callee = func;                          \
      ctx->return_pc = pc + (length);              \
      FORGET(0);                                   \
      TAIL(call_outside);                          \
    }                                              \
    uint64_t* const callee_fp = sp - func->params; \
    if (!fits(func, frame->left)) {                \
      ctx->callee = func;                          \
      ctx->return_pc = pc + (length);              \
      FORGET(0);                                   \
      TAIL(call_outside);                          \
    }                                              \
    ctx->fuel -= func->entry_fuel;                 \
    if (ctx->fuel < 0) {                           \
      ctx->callee = func;                          \
      ctx->return_pc = pc + (length);              \
      FORGET(0);                                   \
      TAIL(end_slice_at_call);                     \
    }                                              \
    ENTER(func, callee_fp, pc + (length));         \
  } while (false)

namespace on {

HANDLER(enter) {
  runtime::Func* const func = ctx->callee;
  CALL(func, 1);
}

template <unsigned kCached>
HANDLER(leave) {
  spill<kCached>(sp, a, b, c);
  STOP();
}
INSTANTIATE(leave)

// The current frame is the one below that of the function which has returned; the one below that is
// its caller's.
template <unsigned kCached>
HANDLER(return_to_instance) {
  ctx->enter(frame[1].func->instance);
  mem = ctx->memory_base();
  pc = frame->return_pc;
  side = frame->side;
  fp = frame->fp;
  ++frame;
  NEXT(kCached, 0);
}
INSTANTIATE(return_to_instance)

namespace {

template <unsigned kCached>
COLD HANDLER(call_longer) {
  const uint8_t* at = pc + 1;
  runtime::Func* const func = ctx->funcs[read_u32(at)];
  spill<kCached>(sp, a, b, c);
  CALL(func, at - pc);
}
template <unsigned kCached>
SLOW HANDLER(call_long) {
  if (is_long(pc[2])) [[unlikely]]
    TAIL(call_longer<kCached>);
  runtime::Func* const func = ctx->funcs[read_two(pc + 1)];
  spill<kCached>(sp, a, b, c);
  CALL(func, 3);
}

template <unsigned kCached>
SLOW HANDLER(return_many) {
  const uint32_t results = frame->func->results;
  spill<kCached>(sp, a, b, c);
  sp = std::copy(sp - results, sp, fp);
  pc = frame->return_pc;
  side = frame->side;
  fp = frame->fp;
  ++frame;
  NEXT(0, 0);
}

}  // namespace

// Returns from the innermost function; its results replace its arguments.
#define RETURN()                                     \
  do {                                               \
    const uint32_t results = frame->func->results;   \
    if (results > 1) [[unlikely]]                    \
      TAIL(return_many<kCached>);                    \
    if (results == 1) a = pop<kCached>(sp, a, b, c); \
    LEAVE_FUNCTION();                                \
    if (results == 1) NEXT(1, 0);                    \
    NEXT(0, 0);                                      \
  } while (false)

template <unsigned kCached>
HANDLER(return_) {
  RETURN();
}
INSTANTIATE(return_)

template <unsigned kCached>
HANDLER(end) {
  if (pc == frame->last) RETURN();
  NEXT(kCached, 1);
}
INSTANTIATE(end)

template <unsigned kCached>
HANDLER(call) {
  const uint8_t index = pc[1];
  if (is_long(index)) [[unlikely]]
    TAIL(call_long<kCached>);
  runtime::Func* const func = ctx->funcs[index];
  spill<kCached>(sp, a, b, c);
  CALL(func, 2);
}
INSTANTIATE(call)

// Type index, then table index.
template <unsigned kCached>
HANDLER(call_indirect) {
  const auto element = static_cast<uint32_t>(pop<kCached>(sp, a, b, c));
  spill<after_pop(kCached)>(sp, a, b, c);
  const uint8_t* at = pc + 1;
  FIND_CALLEE(func, element, at);
  CALL(func, at - pc);
}
INSTANTIATE(call_indirect)

}  // namespace on

}  // namespace cordon::interp
