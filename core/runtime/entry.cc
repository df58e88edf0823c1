// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/entry.h"

#include <algorithm>
#include <utility>

#include "core/abi/convention.h"
#include "core/abi/frame.h"
#include "core/abi/target.h"
#include "core/base/check.h"
#include "core/runtime/activation.h"
#include "core/runtime/host_call.h"
#include "core/runtime/host_stack.h"
#include "core/runtime/trampolines.h"
#include "core/runtime/trap_handler.h"

namespace cordon::runtime {

namespace {

using Kind = abi::ParamPlace::Kind;

// Saves the fields of a VmContext that belong to one call and restores them at the end of the
// scope, so that a nested call into the same instance leaves the outer call's fields as they were.
class CallFields {
 public:
  explicit CallFields(abi::VmContext& context)
      : context_(context),
        execution_(context.execution),
        exit_stack_(context.exit_stack),
        guest_stack_(context.guest_stack),
        stack_limit_(context.stack_limit),
        fuel_(context.fuel) {}
  CallFields(const CallFields&) = delete;
  CallFields& operator=(const CallFields&) = delete;
  ~CallFields() {
    context_.execution = execution_;
    context_.exit_stack = exit_stack_;
    context_.guest_stack = guest_stack_;
    context_.stack_limit = stack_limit_;
    context_.fuel = fuel_;
  }

 private:
  abi::VmContext& context_;
  void* execution_;
  uint64_t exit_stack_, guest_stack_, stack_limit_;
  int64_t fuel_;
};

// Moves arguments to registers and to the area, as the callee expects them and in the form that its
// instance may see; floats of 32 bits take the low half of their place.
void place_arguments(Instance& instance, const wasm::FuncType& type, const uint64_t* args,
                     uint64_t* area, CallRegisters& registers) {
  abi::ParamPlaces places(type);
  size_t ints = 0, floats = 0;
  for (const wasm::ValType param : type.params) {
    const uint64_t value = native_of_slot(instance, param, *args++);
    const abi::ParamPlace place = places.next(param);
    switch (place.kind) {
      case Kind::Int: registers.ints[ints++] = value; break;
      case Kind::Float: registers.floats[floats++] = value; break;
      case Kind::Stack: area[place.index] = value; break;
    }
    if (wasm::slots_of(param) == 2) area[place.index + 1] = *args++;
  }
}

void take_results(const Instance& instance, const wasm::FuncType& type,
                  const CallRegisters& registers, const uint64_t* area, uint64_t* results) {
  const uint32_t in_memory = abi::first_in_memory(type.results);
  if (in_memory != 0) {
    const wasm::ValType first = type.results[0];
    const bool is_float = abi::is_float(first);
    *results++ =
        slot_of_native(instance, first, is_float ? registers.float_result : registers.int_result);
  }
  abi::ResultPlaces places;
  for (const wasm::ValType result : std::span(type.results).subspan(in_memory)) {
    const uint64_t* const from = &area[places.next(result)];
    *results++ = slot_of_native(instance, result, from[0]);
    if (wasm::slots_of(result) == 2) *results++ = from[1];
  }
}

// [S1] What is below `area`, where the callee's return address will be on top: frames may take as
// much of it as all engines have left for them, and no more than there is.
uint64_t stack_limit(const Execution& execution, const GuestStack& stack, const uint64_t* area) {
  const auto place = reinterpret_cast<int64_t>(area);
  const int64_t room = place - reinterpret_cast<int64_t>(stack.limit());
  return static_cast<uint64_t>(place - std::min(execution.frames_left, room));
}

uint32_t window_of(const Func& func) {
  return abi::window_slots(*func.type, func.instance->module->tail_window());
}

// Enters native code of `func` at `code`, below `slots` slots of its stack: the window, and above
// it what only `code` takes. `place` puts what it takes there and into the registers. If
// execution.successor is set afterwards, that gives the results.
template <class Place>
Trap enter_code(Execution& execution, Func& func, const void* code, uint32_t slots, Place place,
                uint64_t* results) {
  if (!prepare_thread_for_traps()) return Trap::memory_limit;
  Instance& instance = *func.instance;
  CHECK(instance.context.has_value() && instance.stack.has_value());
  abi::VmContext& context = instance.context->get();
  GuestStack& stack = *instance.stack;
  Activation*& innermost = innermost_activation();

  // Never below the headroom: native code that called has passed its own check.
  auto* const area = reinterpret_cast<uint64_t*>(stack.top) - slots;
  Activation activation{
      innermost,          &instance, &execution, &func, &context, instance.code.get(),
      instance.memory0(), area,      {},         {},    {},       {}};
  EntryFrame frame{{}, area, context.exit_stack};
  place(area, frame.registers);
  bool trapped;
  {
    CallFields around(context);
    uint64_t* const outer_area = std::exchange(stack.area, area);
    const int64_t left = execution.frames_left;
    context.execution = &execution;
    context.stack_limit = stack_limit(execution, stack, area);
    context.fuel = execution.fuel;
    innermost = &activation;
    trapped = cordon_enter_native(&context, code, &frame, area) != 0;
    innermost = activation.outer;
    execution.fuel = context.fuel;
    execution.frames_left = left;
    stack.area = outer_area;
  }
  area[-1] = 0;  // [R2] The return address, which is the host's.
  if (!trapped) {
    take_results(instance, *func.type, frame.registers, area, results);
    return Trap::none;
  }
  if (execution.successor.func != nullptr) return Trap::none;
  if (activation.trap != Trap::host_exit) trace_native(activation);
  return activation.trap;
}

Trap call_native(Execution& execution, Func& func, const uint64_t* args, uint64_t* results) {
  const auto place = [&](uint64_t* area, CallRegisters& registers) {
    place_arguments(*func.instance, *func.type, args, area, registers);
  };
  return enter_code(execution, func, func.view.entry, window_of(func), place, results);
}

}  // namespace

Trap enter_at_loop(Execution& execution, Func& func, const LoopState& state, uint64_t* results) {
  const uint32_t window = window_of(func);
  const auto place = [&](uint64_t* area, CallRegisters&) {
    std::ranges::copy(state.slots, area + window);
  };
  const auto slots = window + static_cast<uint32_t>(state.slots.size());
  ++execution.loops_entered;
  return enter_code(execution, func, state.code, slots, place, results);
}

bool has_room_at_loop(const Execution& execution, const Func& func, uint32_t frame_size,
                      uint32_t slots) {
  const GuestStack& stack = *func.instance->stack;
  const int64_t room = stack.top - stack.limit();
  const int64_t above = int64_t{abi::kSlotSize} * (int64_t{slots} + window_of(func));
  const int64_t below = int64_t{abi::kReturnAddress} + abi::checked_frame(frame_size);
  return host_stack_here() >= execution.host_limit && prepare_thread_for_traps() &&
         above + below <= room && below <= execution.frames_left;
}

bool native_supported() { return abi::target_supported(); }

namespace {

// The stack is exhausted at the first instruction of `func`, as in the interpreter.
Trap exhausted_at(Execution& execution, const Func& func) {
  if (execution.trace.size() < Execution::kMaxTrace) {
    execution.trace.push_back({&func, func.module_offset(func.pc)});
  }
  return Trap::call_stack_exhausted;
}

// The end of this thread's stack for calls from here: the outermost call's, if that was on this
// thread.
uintptr_t host_limit_of(const Execution& execution, const HostStack& stack) {
  if (execution.nesting != 0 && stack.has(execution.host_limit)) return execution.host_limit;
  const uintptr_t here = host_stack_here();
  return std::max(stack.limit, here - std::min(here, execution.host_bytes()));
}

}  // namespace

// The window of the function is the first of what it takes.
Entry::Entry(Execution& execution, const Func& func)
    : execution_(execution),
      limit_before_(execution.host_limit),
      left_before_(execution.frames_left),
      host_before_(execution.host_float_mode) {
  if (execution.nesting == 0) execution.trace.clear();
  const HostStack stack = host_stack();
  const uintptr_t here = host_stack_here();
  execution.host_limit = host_limit_of(execution, stack);
  allowed_ = execution.nesting++ < Execution::kMaxNesting && stack.has(here) &&
             here >= execution.host_limit;
  if (mode_.before() != kGuestFloatMode) execution.host_float_mode = mode_.before();
  if (func.is_host()) return;
  const uint32_t window = abi::window_slots(*func.type, func.instance->module->tail_window());
  execution.frames_left -= int64_t{abi::slot_bytes(window)};
}

Entry::~Entry() {
  --execution_.nesting;
  execution_.host_limit = limit_before_;
  execution_.frames_left = left_before_;
  execution_.host_float_mode = host_before_;
}

uint64_t slot_of_native(const Instance& instance, wasm::ValType type, uint64_t value) {
  if (wasm::is_ref(type)) {
    const std::optional<uint64_t> reference = instance.references.named(type, value);  // [R1]
    if (!reference) die_of_escape("a reference that the instance was not given");
    return *reference;
  }
  return slot_of_number(type, value);
}

uint64_t native_of_slot(Instance& instance, wasm::ValType type, uint64_t slot) {
  return wasm::is_ref(type) ? instance.references.give(type, slot) : slot_of_number(type, slot);
}

Trap take_results_in(const Func& func, uint64_t* results) {
  Trap trap = Trap::none;
  for (uint32_t i = 0; i < func.results && trap == Trap::none; ++i) {
    trap = func.store->take_in(func.slot_types->results[i], results[i]);
  }
  return trap;
}

Trap call_in_host_mode(Execution& execution, HostCall& call, Func& func, const uint64_t* args,
                       uint64_t* results) {
  const InFloatMode mode(execution.host_float_mode);
  return func.host(func.host_env, call, args, results);
}

namespace {

// `func` is of a module, and frames_left without its window; as call_native().
Trap call_once(Execution& execution, Func& func, const uint64_t* args, uint64_t* results) {
  if (host_stack_here() < execution.host_limit) return exhausted_at(execution, func);  // [S1]
  if (func.is_native()) return call_native(execution, func, args, results);
  return func.instance->interpret(execution, func, args, results);
}

}  // namespace

// [S1] Those that follow each other take no more of any stack than one.
Trap call_successors(Execution& execution, uint64_t* results) {
  std::vector<uint64_t> args;
  Trap trap = Trap::none;
  while (Func* const func = std::exchange(execution.successor.func, nullptr)) {
    args.swap(execution.successor.args);
    trap = call_once(execution, *func, args.data(), results);
  }
  return trap;
}

Trap call_func_once(Execution& execution, Func& func, const uint64_t* args, uint64_t* results) {
  execution.frames_left += abi::kReturnAddress;
  return call_once(execution, func, args, results);
}

Trap call_func(Execution& execution, Instance* caller, Func& func, const uint64_t* args,
               uint64_t* results) {
  if (func.is_host()) return call_host(execution, caller, func, args, results);
  const Trap trap = call_func_once(execution, func, args, results);
  return execution.successor.func == nullptr ? trap : call_successors(execution, results);
}

Trap invoke_native(Execution& execution, Func& func, const uint64_t* args, uint64_t* results) {
  Entry entry(execution, func);
  if (!entry.allowed()) return Trap::call_stack_exhausted;
  const Running running(*func.store, execution);
  const Trap trap = call_native(execution, func, args, results);
  return execution.successor.func == nullptr ? trap : call_successors(execution, results);
}

}  // namespace cordon::runtime
