// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers that throw and catch (spec of 3.0 §4.6.6, and the legacy encoding). Entering a block
// that catches costs nothing; when something is thrown, the handlers that validation has recorded
// (runtime/catching.h) are searched from the innermost frame outwards, also through other
// instances. Nothing changes until one is found, so that a trace shows the origin of an exception
// that is not caught. Such an exception ends the run, and its host may pass it on (calls.cc).
//
// Each clause that is examined and each frame that is left costs one instruction of fuel, and the
// search ends where fuel does ([L1]).
#include <algorithm>
#include <optional>

#include "core/interp/branch.h"
#include "core/interp/handler.h"
#include "core/runtime/catching.h"
#include "core/runtime/store.h"

namespace cordon::interp {

namespace {

using runtime::Catcher;
using runtime::Exception;
using runtime::Func;
using wasm::Op;

// The state of the search: the instruction at pc of a frame's function, whose locals begin at fp.
struct Place {
  Frame* frame;
  const uint8_t* pc;
  uint64_t* fp;
};

const uint8_t* byte_at(const Func& func, uint32_t offset) {
  return func.last - (func.code->body().code.end() - 1 - offset);
}

// Moves on to the caller within this run; false at its bottom.
bool leave_frame(Place& place) {
  const Frame& left = *place.frame++;
  if (*left.return_pc == kLeaveOpcode) return false;
  const Frame& caller = *left.return_pc == kReturnOpcode ? *place.frame++ : left;
  place.pc = caller.call_pc;
  place.fp = caller.fp;
  return true;
}

std::optional<Catcher> search(const Exception& exception, Place& place, int64_t& fuel) {
  do {
    const Func& func = *place.frame->func;
    const auto offset = static_cast<uint32_t>(func.module_offset(place.pc));
    const auto found = runtime::find_catcher(func, offset, exception, fuel);
    if (found || fuel < 0) return found;
  } while (--fuel >= 0 && leave_frame(place));
  return std::nullopt;
}

// Pushes the operands of the handler and returns the first free slot. [S1] Validation has counted
// these operands.
uint64_t* give_operands(Context& ctx, const Place& place, const Catcher& found) {
  Exception& exception = *ctx.exception;
  const wasm::BranchEntry& entry = found.entry->branch;
  uint64_t* sp = place.fp + place.frame->func->locals + entry.drop;
  if (found.has_tag) sp = std::ranges::copy(exception.slots(), sp).out;
  const auto reference = reinterpret_cast<uint64_t>(&exception);
  if (found.gives_ref) *sp++ = reference;
  if (found.is_legacy) place.fp[entry.keep] = reference;
  exception.escaped |= found.keeps();
  if (!exception.escaped) ctx.instance->store->release(exception);
  return sp;
}

// Makes the handler's function the current one.
uint64_t* land(Context& ctx, const Place& place, const Catcher& found) {
  // The callee may have passed the exception on as a trap.
  ctx.trap = Trap::none;
  ctx.execution->trace.clear();
  uint64_t* const sp = give_operands(ctx, place, found);
  ctx.exception = nullptr;
  ctx.enter(place.frame->func->instance);
  return sp;
}

// No handler catches ctx.exception.
void end_uncaught(Context& ctx) {
  ctx.trap = Trap::uncaught_exception;
  ctx.execution->exception = reinterpret_cast<uint64_t>(ctx.exception);
  ctx.execution->exception_tag = ctx.exception->tag;
}

}  // namespace

namespace {

// Goes to the label of the clause whose entry is `side`; the operands are in place.
COLD HANDLER(go_to_label) {
  const wasm::BranchEntry& entry = side->branch;
  const int64_t distance = entry.pc_delta;
  pc += distance;
  side += entry.side_delta;
  if (distance <= 0) CHARGE_ROUND(0);
  NEXT(0, 0);
}

}  // namespace

COLD HANDLER(unwind) {
  Place place{frame, pc, fp};
  int64_t left = ctx->all_fuel();
  const std::optional<Catcher> found = search(*ctx->exception, place, left);
  ctx->fuel -= ctx->all_fuel() - left;
  if (ctx->fuel < 0 && !ctx->next_slice(frame->func, runtime::HotSpot::kEntry)) {
    TAIL(raise_kept);
  }
  if (!found) {
    end_uncaught(*ctx);
    TAIL(raise_kept);
  }
  sp = land(*ctx, place, *found);
  frame = place.frame;
  fp = place.fp;
  mem = ctx->memory_base();
  side = found->entry;
  pc = byte_at(*frame->func, found->owner);
  if (!found->is_legacy) TAIL(go_to_label);
  pc = found->has_tag ? skip_leb(pc + 1) : pc + 1;
  ++side;
  NEXT(0, 0);
}

namespace {

COLD HANDLER(throw_new) {
  const uint8_t* at = pc + 1;
  const runtime::Tag& tag = *ctx->instance->tags[read_u32(at)];
  ctx->exception = ctx->instance->store->make_exception(*ctx->execution, tag, sp - tag.slots(), sp);
  if (ctx->exception == nullptr) TAIL(raise<Trap::exception_limit>);
  TAIL(unwind);
}

}  // namespace

namespace on {

template <unsigned kCached>
HANDLER(throw_) {
  spill<kCached>(sp, a, b, c);
  TAIL(throw_new);
}
INSTANTIATE(throw_)

template <unsigned kCached>
HANDLER(throw_ref) {
  const uint64_t reference = pop<kCached>(sp, a, b, c);
  spill<after_pop(kCached)>(sp, a, b, c);
  if (reference == 0) TAIL(raise<Trap::null_exception>);
  ctx->exception = reinterpret_cast<runtime::Exception*>(reference);
  FORGET(0);
  TAIL(unwind);
}
INSTANTIATE(throw_ref)

// Rethrows the exception that the label's catch has caught.
template <unsigned kCached>
HANDLER(rethrow) {
  spill<kCached>(sp, a, b, c);
  ctx->exception = reinterpret_cast<runtime::Exception*>(fp[side->branch.keep]);
  FORGET(0);
  TAIL(unwind);
}
INSTANTIATE(rethrow)

// Its first entry leads past the clauses and their entries.
template <unsigned kCached>
HANDLER(try_table) {
  GO_AHEAD(kCached);
}
INSTANTIATE(try_table)

template <unsigned kCached>
HANDLER(try_) {
  pc = skip_leb(pc + 1);
  NEXT(kCached, 0);
}
INSTANTIATE(try_)

// Reached at the end of the preceding part alone, like an `else`.
template <unsigned kCached>
HANDLER(catch_) {
  GO_AHEAD(kCached);
}
INSTANTIATE(catch_)

template <unsigned kCached>
HANDLER(catch_all) {
  GO_AHEAD(kCached);
}
INSTANTIATE(catch_all)

template <unsigned kCached>
HANDLER(delegate) {
  pc = skip_leb(pc + 1);
  NEXT(kCached, 0);
}
INSTANTIATE(delegate)

}  // namespace on

}  // namespace cordon::interp
