// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The builtins' C++ halves, on the host's stack. What comes from native code is not believed:
// integers are cut to the width of their type, whose upper half code may leave undefined; an index,
// a slot's address or a function reference that honest code can not give ends the process ([C1]).
#include "core/runtime/builtins.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <vector>

#include "core/abi/convention.h"
#include "core/base/check.h"
#include "core/runtime/activation.h"
#include "core/runtime/bulk.h"
#include "core/runtime/entry.h"
#include "core/runtime/trap_handler.h"
#include "core/runtime/x64/trampolines.h"

namespace cordon::runtime {
namespace {

uint32_t u32(uint64_t value) { return static_cast<uint32_t>(value); }

// The host at work for the guest of `context`: fuel and the free part of the stack are the
// execution's meanwhile.
class AtWork {
 public:
  explicit AtWork(abi::VmContext* context)
      : context_(*context),
        execution(*static_cast<Execution*>(context->execution)),
        instance(*static_cast<Instance*>(context->instance)),
        old_top_(execution.native_top) {
    execution.fuel = context_.fuel;
    execution.native_top = reinterpret_cast<uint8_t*>(context_.guest_stack);
  }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;

  // What the builtin gives back.
  BuiltinResult end(Trap trap, uint64_t value = 0) {
    context_.fuel = execution.fuel;
    execution.native_top = old_top_;
    if (trap != Trap::none) {
      Activation& activation = *innermost_activation();
      auto* const stack = reinterpret_cast<const uint64_t*>(context_.guest_stack);
      activation.trap = trap;
      activation.fault = false;
      activation.pc = reinterpret_cast<const void*>(stack[0]);
      activation.stack = stack + 1;
    }
    return {value, static_cast<uint64_t>(trap)};
  }

  // A value of the guest as a slot of `type`.
  uint64_t value(wasm::ValType type, uint64_t slot) const {
    return slot_of_native(*instance.store, type, slot);
  }
  // An element of one of the instance's index spaces.
  template <class T>
  T& at(std::vector<T>& space, uint64_t index) const {
    if (u32(index) >= space.size()) die_of_escape("a builtin was given an index out of range");
    return space[u32(index)];
  }
  uint32_t index_of(const auto& space, uint64_t index) const {
    (void)at(const_cast<std::remove_cvref_t<decltype(space)>&>(space), index);
    return u32(index);
  }
  Table& table(uint64_t index) const { return *at(instance.tables, index); }
  // A value that goes into that table.
  uint64_t element(uint64_t table_index, uint64_t slot) const {
    return value(table(table_index).type().element, slot);
  }

  // The slots that the guest points at: in its own frames, as the contract says.
  uint64_t* slots(uint64_t address, size_t count) const {
    const uint64_t top = reinterpret_cast<uint64_t>(execution.native_base);
    if (address <= context_.guest_stack || address > top || top - address < count * 8) {
      die_of_escape("a builtin was given an address outside of the guest's stack");
    }
    return reinterpret_cast<uint64_t*>(address);
  }

 private:
  abi::VmContext& context_;

 public:
  Execution& execution;
  Instance& instance;

 private:
  uint8_t* old_top_;
};

// Slots of a call: few are on the stack.
class Slots {
 public:
  explicit Slots(size_t count) {
    if (count > few_.size()) {
      many_.resize(count);
      data_ = many_.data();
    }
  }
  uint64_t& operator[](size_t index) { return data_[index]; }
  uint64_t* data() { return data_; }

 private:
  std::array<uint64_t, 16> few_;
  std::vector<uint64_t> many_;
  uint64_t* data_ = few_.data();
};

}  // namespace

#if defined(__x86_64__)
const void* builtin_thunk(abi::Builtin builtin) { return x64::thunk(builtin); }
#else
const void* builtin_thunk(abi::Builtin) { return nullptr; }
#endif

// Unused arguments are whatever was in the registers.
#define DEFINE(name)                                                                     \
  extern "C" __attribute__((used)) BuiltinResult cordon_builtin_##name(                  \
      abi::VmContext* context, [[maybe_unused]] uint64_t a, [[maybe_unused]] uint64_t b, \
      [[maybe_unused]] uint64_t c, [[maybe_unused]] uint64_t d)

DEFINE(call_import) {
  AtWork work(context);
  Func& func = *work.at(work.instance.funcs, a);
  uint64_t* const slots = work.slots(b, std::max(func.params, func.results));
  for (uint32_t i = 0; i < func.params; ++i) slots[i] = work.value(func.type->params[i], slots[i]);
  return work.end(call_func(work.execution, &work.instance, func, slots, slots));
}

// Its thunk is one of its own, which calls cordon_call_foreign.
DEFINE(call_foreign) {
  (void)context;
  CHECK(false);
}

DEFINE(memory_grow) {
  AtWork work(context);
  int32_t old_pages = -1;
  const Trap trap = memory_grow(*work.at(work.instance.memories, 0), u32(a), old_pages);
  return work.end(trap, u32(static_cast<uint64_t>(old_pages)));
}

DEFINE(memory_copy) {
  AtWork work(context);
  return work.end(memory_copy(work.execution, work.instance, u32(a), u32(b), u32(c)));
}

DEFINE(memory_fill) {
  AtWork work(context);
  return work.end(
      memory_fill(work.execution, work.instance, u32(a), static_cast<uint8_t>(b), u32(c)));
}

DEFINE(memory_init) {
  AtWork work(context);
  return work.end(memory_init(work.execution, work.instance, work.index_of(work.instance.datas, a),
                              u32(b), u32(c), u32(d)));
}

DEFINE(data_drop) {
  AtWork work(context);
  data_drop(work.instance, work.index_of(work.instance.datas, a));
  return work.end(Trap::none);
}

DEFINE(table_get) {
  AtWork work(context);
  uint64_t value = 0;
  const Trap trap = work.table(a).get(u32(b), value);
  return work.end(trap, value);
}

DEFINE(table_set) {
  AtWork work(context);
  return work.end(work.table(a).set(u32(b), work.element(a, c)));
}

DEFINE(table_size) {
  AtWork work(context);
  return work.end(Trap::none, work.table(a).size());
}

DEFINE(table_grow) {
  AtWork work(context);
  int32_t old_size = -1;
  const Trap trap =
      table_grow(work.execution, work.instance, u32(a), work.element(a, c), u32(b), old_size);
  return work.end(trap, u32(static_cast<uint64_t>(old_size)));
}

DEFINE(table_fill) {
  AtWork work(context);
  return work.end(
      table_fill(work.execution, work.instance, u32(a), u32(b), work.element(a, c), u32(d)));
}

DEFINE(table_copy) {
  AtWork work(context);
  const uint64_t* const s = work.slots(a, 5);
  return work.end(
      table_copy(work.execution, work.instance, work.index_of(work.instance.tables, s[0]),
                 work.index_of(work.instance.tables, s[1]), u32(s[2]), u32(s[3]), u32(s[4])));
}

DEFINE(table_init) {
  AtWork work(context);
  const uint64_t* const s = work.slots(a, 5);
  return work.end(
      table_init(work.execution, work.instance, work.index_of(work.instance.elems, s[1]),
                 work.index_of(work.instance.tables, s[0]), u32(s[2]), u32(s[3]), u32(s[4])));
}

DEFINE(elem_drop) {
  AtWork work(context);
  elem_drop(work.instance, work.index_of(work.instance.elems, a));
  return work.end(Trap::none);
}

DEFINE(ref_func) {
  AtWork work(context);
  return work.end(Trap::none, reinterpret_cast<uint64_t>(work.at(work.instance.funcs, a)));
}

DEFINE(global_get) {
  AtWork work(context);
  const Global& global = *work.at(work.instance.globals, a);
  return work.end(Trap::none, work.value(global.type.value, *global.cell));
}

DEFINE(global_set) {
  AtWork work(context);
  const Global& global = *work.at(work.instance.globals, a);
  *global.cell = work.value(global.type.value, b);
  return work.end(Trap::none);
}

#undef DEFINE

#if defined(__x86_64__)
namespace x64 {

extern "C" __attribute__((used)) BuiltinResult cordon_call_foreign(abi::VmContext* context,
                                                                   void* callee,
                                                                   CallRegisters* registers,
                                                                   uint64_t* area) {
  AtWork work(context);
  Func& func = *static_cast<Func*>(callee);
  Slots slots(std::max(func.params, func.results));
  abi::ParamPlaces places;
  size_t ints = 0, floats = 0;
  for (uint32_t i = 0; i < func.params; ++i) {
    const wasm::ValType type = func.type->params[i];
    const abi::ParamPlace place = places.next(type);
    uint64_t value;
    switch (place.kind) {
      case abi::ParamPlace::Kind::Int: value = registers->ints[ints++]; break;
      case abi::ParamPlace::Kind::Float: value = registers->floats[floats++]; break;
      default: value = area[place.index];
    }
    slots[i] = work.value(type, value);
  }
  const Trap trap = call_func(work.execution, &work.instance, func, slots.data(), slots.data());
  if (trap != Trap::none) return work.end(trap);
  for (uint32_t i = 1; i < func.results; ++i) area[places.stack_slots() + i - 1] = slots[i];
  return work.end(Trap::none, func.results > 0 ? slots[0] : 0);
}

}  // namespace x64
#endif

}  // namespace cordon::runtime
