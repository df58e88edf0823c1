// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/interp/interpreter.h"

#include <algorithm>

#include "core/interp/context.h"
#include "core/interp/handler.h"
#include "core/runtime/entry.h"
#include "core/runtime/host_call.h"
#include "core/runtime/store.h"

namespace cordon::interp {

bool Context::next_slice(const runtime::Func* func, uint32_t loop) {
  const auto used = static_cast<uint64_t>(slice - fuel);
  execution->hotness.note(func, loop, used);
  const int64_t all = all_fuel();
  runtime::SliceEnd* const watcher = func->instance->on_slice.get();
  if (all < 0) {
    trap = Trap::fuel_exhausted;
  } else if (watcher != nullptr) {
    trap = watcher->slice_ended(*execution, const_cast<runtime::Func&>(*func), loop, used);
  }
  start_slice(all, execution->hotness.next_slice());
  return trap == Trap::none;
}

namespace {

// The code at which a run starts, followed by the code to which the function it calls returns.
const uint8_t kRunCode[] = {kEnterOpcode, kLeaveOpcode};

// Runs ctx.callee, whose arguments are the slots below `sp`, above the frame `base`.
void run(Context& ctx, uint64_t* sp, Frame* base) {
  Function* const first = kDispatch[0][kEnterOpcode].run;
  const Handler* const table = kDispatch[0].data();
#if CORDON_THREADED
  first(&ctx, kRunCode, nullptr, sp, nullptr, ctx.memory_base(), 0, 0, 0, table, base);
#else
  Next next{first, &ctx, kRunCode, nullptr, sp, nullptr, ctx.memory_base(), 0, 0, 0, table, base};
  while (next.run != nullptr) {
    next = next.run(next.ctx, next.pc, next.fp, next.sp, next.side, next.mem, next.a, next.b,
                    next.c, next.table, next.frame);
  }
#endif
}

void add_to_trace(runtime::Execution& execution, const runtime::Func* func, const uint8_t* pc) {
  if (execution.trace.size() == runtime::Execution::kMaxTrace) return;
  execution.trace.push_back({func, func->module_offset(pc)});
}

// The frames of this run, innermost first; those of outer runs follow as they end.
void trace(const Context& ctx, const Frame* base) {
  if (ctx.callee != nullptr) add_to_trace(*ctx.execution, ctx.callee, ctx.callee->pc);
  const uint8_t* pc = ctx.trap_pc;
  for (const Frame* frame = ctx.trap_frame; frame != base; ++frame) {
    if (frame->func == nullptr) continue;  // a change of instance, same call
    add_to_trace(*ctx.execution, frame->func, pc);
    pc = frame->call_pc;
  }
}

// Copies the arguments to the slots from `first` on; returns the first slot after them.
uint64_t* place_arguments(const runtime::Func& func, const uint64_t* args, uint64_t* first) {
  for (uint32_t i = 0; i < func.params; ++i) {
    first[i] = runtime::slot_of_number(func.slot_types->params[i], args[i]);
  }
  return first + func.params;
}

// What a call out of native code costs besides what the function does, in units of fuel: an
// estimate, a quarter of a microsecond. Without it a small function that native code calls often
// would be hot much too late.
constexpr int64_t kEntryWeight = 400;

// `weight`: what entering the interpreter counts for the samples.
Trap run_above(runtime::Execution& execution, runtime::Func& func, const uint64_t* args,
               uint64_t* results, int64_t weight) {
  const runtime::Running running(*func.store, execution);
  uint64_t* const first = execution.stack_top;
  Context ctx{};
  ctx.callee = &func;
  ctx.execution = &execution;
  ctx.start_fuel(execution.fuel);
  ctx.weigh(weight);
  auto* const base = reinterpret_cast<Frame*>(execution.frames_top) - 1;
  ctx.enter(func.instance);
  *base = {};
  base->left = execution.frames_left;
  run(ctx, place_arguments(func, args, first), base);
  ctx.end_run();
  if (const runtime::Func* const successor = execution.successor.func; successor != nullptr) {
    execution.successor.args.assign(first, first + successor->params);
  } else if (ctx.trap == Trap::none) {
    std::copy_n(first, func.results, results);
  } else if (ctx.trap != Trap::host_exit) {
    trace(ctx, base);
  }
  return ctx.trap;
}

}  // namespace

Trap run_func(runtime::Execution& execution, runtime::Func& func, const uint64_t* args,
              uint64_t* results) {
  const bool is_watched = func.instance->on_slice != nullptr;
  return run_above(execution, func, args, results, is_watched ? kEntryWeight : 0);
}

Trap invoke(runtime::Execution& execution, runtime::Func& func, const uint64_t* args,
            uint64_t* results) {
  runtime::Entry entry(execution, func);
  if (!entry.allowed()) return Trap::call_stack_exhausted;
  if (func.is_host()) return runtime::call_host(execution, nullptr, func, args, results);
  const Trap trap = run_above(execution, func, args, results, 0);
  return execution.successor.func == nullptr ? trap : runtime::call_successors(execution, results);
}

}  // namespace cordon::interp
