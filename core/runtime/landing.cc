// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/landing.h"

#include "core/abi/slot.h"
#include "core/runtime/catching.h"
#include "core/runtime/entry.h"
#include "core/runtime/store.h"
#include "core/runtime/trap_handler.h"
#include "core/runtime/unwind.h"

namespace cordon::runtime {
namespace {

const Func& function_of(const Activation& stopped, const NativeFrame& frame) {
  const Instance& instance = *stopped.instance;
  const size_t body = frame.unit->body(frame.func);
  return *instance.funcs[instance.module->module().imported_funcs + body];
}

// [B1] The row of the clause, of whose frame this says once more what the verifier has proved.
const abi::Handler& handler_of(const Activation& stopped, const NativeFrame& frame,
                               const Catcher& catcher, uint32_t slots) {
  const abi::Handler* const row = frame.unit->handler(frame.func, catcher.owner, catcher.clause);
  if (row == nullptr) die_of_escape("native code has no handler for a clause that catches");
  const bool fits = row->slots == slots &&
                    abi::slot_bytes(slots) <= frame.unit->func(frame.func).frame_size &&
                    slots < static_cast<size_t>(stopped.area - frame.slots);
  if (!fits) die_of_escape("what a handler takes does not fit its frame");
  return *row;
}

// Puts what the handler takes at the bottom of its frame, references as handles ([R1]).
void give(Instance& instance, Exception& exception, const Catcher& catcher, uint64_t* slots) {
  if (catcher.has_tag) {
    const auto& types = exception.tag->slot_types->params;
    for (uint32_t i = 0; i < types.size(); ++i) {
      *slots++ = native_of_slot(instance, types[i], exception.payload[i]);
    }
  }
  if (catcher.keeps()) {
    *slots =
        native_of_slot(instance, wasm::ValType::exnref, reinterpret_cast<uint64_t>(&exception));
  }
  if (!exception.escaped) instance.store->release(exception);
}

}  // namespace

Trap land(const Activation& stopped, Exception& exception, Landing& landing) {
  Execution& execution = *stopped.execution;
  FrameWalk frames(stopped);
  std::optional<NativeFrame> frame;
  std::optional<Catcher> catcher;
  while (!catcher && execution.fuel >= 0 && (frame = frames.next())) {
    const Func& func = function_of(stopped, *frame);
    catcher = find_catcher(func, frame->wasm_offset, exception, execution.fuel);
    if (!catcher && execution.fuel >= 0) --execution.fuel;
  }
  if (execution.fuel < 0) return Trap::fuel_exhausted;
  if (!catcher) {
    execution.exception = reinterpret_cast<uint64_t>(&exception);
    execution.exception_tag = exception.tag;
    return Trap::uncaught_exception;
  }
  const uint32_t slots = catcher->slots(*exception.tag);
  const abi::Handler& handler = handler_of(stopped, *frame, *catcher, slots);
  // What was called may have passed the exception on as a trap.
  execution.trace.clear();
  give(*stopped.instance, exception, *catcher, frame->slots);
  landing = {frame->unit->code().data() + handler.offset, frame->slots};
  return Trap::none;
}

}  // namespace cordon::runtime
