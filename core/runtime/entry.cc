// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/entry.h"

#include "core/abi/convention.h"
#include "core/abi/target.h"
#include "core/base/check.h"
#include "core/runtime/activation.h"
#include "core/runtime/trap_handler.h"
#include "core/runtime/x64/trampolines.h"

namespace cordon::runtime {

#if defined(__x86_64__)

namespace {

using Kind = abi::ParamPlace::Kind;

// [S1] What calls between instances may take of the host's stack; a deeper guest meets the same
// trap as on its own stack. Less than any thread has.
constexpr ptrdiff_t kMaxHostStack = ptrdiff_t{1} << 20;

// The part of a context that belongs to a call: of the call around, while another one is in the
// same instance.
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

// Arguments to registers and to the area, as the callee wants them; floats of 32 bits take the low
// half of theirs.
void place_arguments(const wasm::FuncType& type, const uint64_t* args, uint64_t* area,
                     x64::CallRegisters& registers) {
  abi::ParamPlaces places;
  size_t ints = 0, floats = 0;
  for (size_t i = 0; i < type.params.size(); ++i) {
    const abi::ParamPlace place = places.next(type.params[i]);
    switch (place.kind) {
      case Kind::Int: registers.ints[ints++] = args[i]; break;
      case Kind::Float: registers.floats[floats++] = args[i]; break;
      case Kind::Stack: area[place.index] = args[i]; break;
    }
  }
}

void take_results(const Store& store, const wasm::FuncType& type,
                  const x64::CallRegisters& registers, const uint64_t* area, uint64_t* results) {
  if (type.results.empty()) return;
  const uint32_t stack_params = abi::stack_use(type).params;
  const wasm::ValType first = type.results[0];
  results[0] = slot_of_native(store, first,
                              abi::is_float(first) ? registers.float_result : registers.int_result);
  for (size_t i = 1; i < type.results.size(); ++i) {
    results[i] = slot_of_native(store, type.results[i], area[stack_params + i - 1]);
  }
}

// `func` is where the stack ended, at its first instruction, as the interpreter says it.
Trap exhausted_at(Execution& execution, const Func& func) {
  if (execution.trace.size() < Execution::kMaxTrace) {
    execution.trace.push_back({&func, func.module_offset(func.pc)});
  }
  return Trap::call_stack_exhausted;
}

Trap call_native(Execution& execution, Func& func, const uint64_t* args, uint64_t* results) {
  if (!execution.prepare_native() || !prepare_thread_for_traps()) return Trap::memory_limit;
  Instance& instance = *func.instance;
  CHECK(instance.context.has_value());
  abi::VmContext& context = instance.context->get();
  Activation*& innermost = innermost_activation();
  auto* const here = static_cast<const uint8_t*>(__builtin_frame_address(0));
  const uint8_t* const mark = innermost != nullptr ? innermost->host_mark : here;
  if (mark - here > kMaxHostStack) return exhausted_at(execution, func);  // [S1]

  // Never below the headroom: whoever called from native code has passed its own check.
  auto* const area =
      reinterpret_cast<uint64_t*>(execution.native_top) - abi::stack_use(*func.type).total();
  Activation activation{innermost,
                        &instance,
                        &execution,
                        &context,
                        instance.code.get(),
                        instance.memory0(),
                        area,
                        mark,
                        {},
                        {},
                        {},
                        {}};
  x64::EntryFrame frame{{}, area, context.exit_stack};
  place_arguments(*func.type, args, area, frame.registers);
  bool trapped;
  {
    CallFields around(context);
    context.execution = &execution;
    context.stack_limit = reinterpret_cast<uint64_t>(execution.native_limit);
    context.fuel = execution.fuel;
    innermost = &activation;
    trapped = x64::cordon_enter_native(&context, func.view.entry, &frame, area) != 0;
    innermost = activation.outer;
    execution.fuel = context.fuel;
  }
  if (!trapped) {
    take_results(*instance.store, *func.type, frame.registers, area, results);
    return Trap::none;
  }
  if (activation.trap != Trap::host_exit) trace_native(activation);
  return activation.trap;
}

}  // namespace

bool native_supported() { return abi::target_supported(); }

#else

namespace {
Trap call_native(Execution&, Func&, const uint64_t*, uint64_t*) { CHECK(false); }
}  // namespace

bool native_supported() { return false; }

#endif

uint64_t slot_of_native(const Store& store, wasm::ValType type, uint64_t value) {
  switch (type) {
    case wasm::ValType::i32:
    case wasm::ValType::f32: return static_cast<uint32_t>(value);
    case wasm::ValType::funcref:
      if (!store.is_funcref(value)) die_of_escape("a function reference that is none");
      return value;
    default: return value;
  }
}

Trap call_func(Execution& execution, Instance* caller, Func& func, const uint64_t* args,
               uint64_t* results) {
  if (func.is_native()) return call_native(execution, func, args, results);
  if (!func.is_host()) return func.instance->interpret(execution, func, args, results);
  HostCall call{caller, caller != nullptr ? caller->memory0() : nullptr};
  const Trap trap = func.host(func.host_env, call, args, results);
  // The host may have called back, met a trap and dealt with it.
  if (trap == Trap::none) execution.trace.clear();
  return trap;
}

Trap invoke_native(Execution& execution, Func& func, const uint64_t* args, uint64_t* results) {
  if (execution.nesting == 0) execution.trace.clear();
  // [S1] The guest pays for its own frames; this bounds those of the host between them.
  if (execution.nesting == Execution::kMaxNesting) return Trap::call_stack_exhausted;
  ++execution.nesting;
  const Trap trap = call_native(execution, func, args, results);
  --execution.nesting;
  return trap;
}

}  // namespace cordon::runtime
