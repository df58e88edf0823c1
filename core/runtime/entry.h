// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls into native code and out of it. Values cross as slots, as everywhere in the runtime;
// entry.cc and builtins.cc marshal them from and to registers by the signature (abi/convention.h),
// and translate references from and to the handles of the instance ([R1]).
#pragma once

#include "core/abi/traps.h"
#include "core/runtime/execution.h"
#include "core/runtime/instance.h"
#include "core/runtime/loop_state.h"
#include "core/runtime/store.h"

namespace cordon::runtime {

// Whether native code can run here at all.
bool native_supported();

// An embedder's or a host function's entry into the guest, by either engine, during the life of
// this object: counts how deep entries are nested, and sets the mode of floating-point arithmetic.
class Entry {
 public:
  // The call is one of `func`. The Execution outlives this. Entries end in the reverse order of
  // their begin.
  Entry(Execution& execution, const Func& func);
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  // Restores nesting, limits and mode.
  ~Entry();

  // [S1] Whether there is room for it. The guest pays for its own frames; this bounds those of the
  // host between them.
  bool allowed() const { return allowed_; }

 private:
  Execution& execution_;
  bool allowed_ = false;
  const uintptr_t limit_before_;
  const int64_t left_before_;
  const FloatMode host_before_;
  InFloatMode mode_{kGuestFloatMode};
};

// As interp::invoke, for a `func` with native code. A trap's backtrace is in execution.trace, the
// same frames as the interpreter gives.
Trap invoke_native(Execution& execution, Func& func, const uint64_t* args, uint64_t* results);

// A number as a slot of `type`: the upper half of an i32 or f32 is cleared.
constexpr uint64_t slot_of_number(wasm::ValType type, uint64_t value) {
  const bool narrow = type == wasm::ValType::i32 || type == wasm::ValType::f32;
  return narrow ? static_cast<uint32_t>(value) : value;
}

// A value of `type` from the native code of `instance`, as a slot. A reference that the instance
// was not given ends the process: a made-up number is never followed ([R1]).
uint64_t slot_of_native(const Instance& instance, wasm::ValType type, uint64_t value);
// A slot as the native code of `instance` may see it: a reference as a handle.
uint64_t native_of_slot(Instance& instance, wasm::ValType type, uint64_t slot);

// The function that returned left a successor in `execution`: runs it, and what follows it, to the
// end. `results` are those of the first: all have the same.
Trap call_successors(Execution& execution, uint64_t* results);

// Within a run of the interpreter: `func` goes on from the head of one of its loops, in native
// code, and ends there. The innermost function is its caller; as for a call, the results are
// written only if the trap is Trap::none, and a trap's frames are in execution.trace. It may leave
// a successor, which gives the results then. The round at whose begin it goes on has not been
// charged.
Trap enter_at_loop(Execution& execution, Func& func, const LoopState& state, uint64_t* results);
// [S1] Whether the stacks have room for that, if its frame has so many bytes and its state so many
// slots; and the thread can take a trap of it.
bool has_room_at_loop(const Execution& execution, const Func& func, uint32_t frame_size,
                      uint32_t slots);

// Within a call: runs `func` in its own instance, whatever kind it is. `caller` is passed to a host
// function. `args` and `results` may overlap. frames_left is as the host would find it: without the
// return address of the call, which a guest's function counts itself.
Trap call_func(Execution& execution, Instance* caller, Func& func, const uint64_t* args,
               uint64_t* results);
// The same for a function of a module, but it may leave a successor, which gives the results then.
Trap call_func_once(Execution& execution, Func& func, const uint64_t* args, uint64_t* results);

}  // namespace cordon::runtime
