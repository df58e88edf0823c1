// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The builtins' C++ halves, on the host's stack. Nothing from native code is trusted, whatever the
// verifier has proved: each argument is checked by its letter in builtins.def ([B1]), integers are
// cut to their width, references are looked up among those that the instance was given ([R1]). An
// argument that correct code cannot give ends the process.
#include "core/runtime/builtins.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/abi/convention.h"
#include "core/abi/module_plan.h"
#include "core/base/check.h"
#include "core/runtime/activation.h"
#include "core/runtime/bulk.h"
#include "core/runtime/entry.h"
#include "core/runtime/host_call.h"
#include "core/runtime/landing.h"
#include "core/runtime/trampolines.h"
#include "core/runtime/trap_handler.h"

namespace cordon::runtime {
namespace {

constexpr size_t kArguments = abi::kBuiltinParams.size();
using Arguments = std::array<uint64_t, kArguments>;

uint32_t u32(uint64_t value) { return static_cast<uint32_t>(value); }

// While the host works for the guest of `context`, the runtime keeps fuel and the free part of the
// instance's stack.
class AtWork {
 public:
  explicit AtWork(abi::VmContext* context)
      : execution(*static_cast<Execution*>(context->execution)),
        instance(*static_cast<Instance*>(context->instance)),
        context_(*context),
        stack_(*instance.stack),
        old_top_(stack_.top) {
    execution.fuel = context_.fuel;
    execution.frames_left = static_cast<int64_t>(context_.guest_stack - context_.stack_limit);
    stack_.top = reinterpret_cast<uint8_t*>(context_.guest_stack);
  }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;

  // The result of the builtin.
  BuiltinResult end(Trap trap, uint64_t value = 0) {
    context_.fuel = execution.fuel;
    stack_.top = old_top_;
    if (trap != Trap::none) stopped().trap = trap;
    return {value, static_cast<uint64_t>(trap)};
  }
  // The same of a call, which may pass an exception on.
  BuiltinResult end_call(Trap trap, uint64_t value = 0) {
    if (trap == Trap::uncaught_exception) [[unlikely]] {
      Exception* const exception = instance.store->find_exception(execution.exception);
      if (exception != nullptr) return end_by_throw(*exception);
    }
    return end(trap, value);
  }
  // The guest goes on at the handler that catches `exception`, or the activation ends.
  BuiltinResult end_by_throw(Exception& exception) {
    Landing landing;
    const Trap trap = land(stopped(), exception, landing);
    if (trap != Trap::none) return end(trap);
    end(Trap::none);
    context_.guest_stack = reinterpret_cast<uint64_t>(landing.stack);
    return {reinterpret_cast<uint64_t>(landing.place), kToHandler};
  }

  const wasm::Module& module() const { return instance.module->module(); }
  Table& table(uint64_t index) const { return *instance.tables[u32(index)]; }
  wasm::ValType element_type(uint64_t table_index) const {
    return table(table_index).type().element;
  }
  // A value to be stored in that table, as a slot.
  uint64_t element(uint64_t table_index, uint64_t value) const {
    return slot_of_native(instance, element_type(table_index), value);
  }
  uint64_t given(wasm::ValType type, uint64_t slot) {
    return wasm::is_ref(type) ? instance.references.give(type, slot) : slot_of_number(type, slot);
  }

  // The slots at the bottom of the caller's frame, right above the return address. They end below
  // the return address of the entry, which is the host's.
  uint64_t* slots(size_t count) const {
    auto* const first = reinterpret_cast<uint64_t*>(context_.guest_stack) + 1;
    if (count == 0) return first;
    const uint64_t* const end = stack_.area - 1;
    if (first > end || static_cast<size_t>(end - first) < count) {
      die_of_escape("a builtin was called without slots on the guest's stack");
    }
    return first;
  }

  // [B1] A call between functions that native code makes of the runtime passes slots in memory,
  // from `area` on. They lie in the frames of the activation, below the return address of the
  // entry; or, if a tail call has left these, in the entry's own window.
  void check_area(const uint64_t* area, size_t count) const {
    const uint64_t* const entry = stack_.area;
    const uint64_t* const end =
        area < entry ? entry - 1 : reinterpret_cast<const uint64_t*>(old_top_);
    if (area > end || static_cast<size_t>(end - area) < count) {
      die_of_escape("a call was made without its slots on the guest's stack");
    }
  }

  // Whether the area is that of the host's entry: no function of the activation waits for this one.
  bool is_entered_by_host(const uint64_t* area) const { return area == stack_.area; }

  Execution& execution;
  Instance& instance;

 private:
  // The activation, as one that stands where the builtin was called.
  Activation& stopped() {
    Activation& activation = *innermost_activation();
    auto* const stack = reinterpret_cast<const uint64_t*>(context_.guest_stack);
    activation.fault = false;
    activation.pc = reinterpret_cast<const void*>(stack[0]);
    activation.stack = stack + 1;
    return activation;
  }

  abi::VmContext& context_;
  GuestStack& stack_;
  uint8_t* const old_top_;
};

// [B1] Argument `kPlace` of a builtin by its letter in builtins.def. `before` is the argument
// before it: a U or E requires the type of the table there.
template <char kLetter, size_t kPlace>
bool is_right(const AtWork& work, const Arguments& arguments) {
  const wasm::Module& module = work.module();
  const uint32_t index = u32(arguments[kPlace < kArguments ? kPlace : 0]);
  const auto type_before = [&] { return module.tables[u32(arguments[kPlace - 1])].element; };
  if constexpr (kLetter == 'F') return index < module.funcs.size();
  if constexpr (kLetter == 'I') return index < module.imported_funcs;
  if constexpr (kLetter == 'T') return index < module.tables.size();
  if constexpr (kLetter == 'U') {
    return index < module.tables.size() && module.tables[index].element == type_before();
  }
  if constexpr (kLetter == 'D') return index < module.datas.size();
  if constexpr (kLetter == 'E') {
    if (index >= module.elems.size()) return false;
    if constexpr (kPlace == 0) {
      return true;
    } else {
      return module.elems[index].type == type_before();
    }
  }
  if constexpr (kLetter == 'G' || kLetter == 'W' || kLetter == 'V') {
    if (index >= module.globals.size() || !module.is_left_to_runtime({index})) return false;
    const wasm::GlobalType& type = module.globals[index].type;
    return (type.value == wasm::ValType::v128) == (kLetter == 'V') &&
           (kLetter == 'G' || type.is_mutable);
  }
  if constexpr (kLetter == 'N') return index < module.tags.size();
  if constexpr (kLetter == 'M') return !module.memories.empty();
  // A builtin checks slots when it uses them; numbers are cut and references looked up.
  return kLetter == 'S' || kLetter == 'i' || kLetter == 'l' || kLetter == 'r';
}

// The argument that letter `index` of a signature describes, or the next one.
constexpr size_t place_of(std::string_view signature, size_t index) {
  size_t place = 0;
  for (const char letter : signature.substr(0, index)) place += letter != 'M' && letter != 'S';
  return place;
}

template <abi::Builtin kBuiltin>
void check_arguments(const AtWork& work, const Arguments& arguments) {
  constexpr std::string_view kSignature = abi::kBuiltins[static_cast<size_t>(kBuiltin)].signature;
  constexpr size_t kLetters = kSignature.find(':');
  const bool right = [&]<size_t... kI>(std::index_sequence<kI...>) {
    return (is_right<kSignature[kI], place_of(kSignature, kI)>(work, arguments) && ...);
  }(std::make_index_sequence<kLetters>());
  if (!right) die_of_escape("a builtin was given what the module does not have");
}

// The slots of a call: a few of them are stored on the stack.
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

// `theirs` are the guest's slots. The callee gets copies of them: the guest must not see the
// runtime's representation of a reference ([R2]).
[[gnu::noinline]] Trap call_with_references(Execution& execution, Instance& instance, Func& func,
                                            uint64_t* theirs) {
  Slots slots(std::max(func.params, func.results));
  for (uint32_t i = 0; i < func.params; ++i) {
    slots[i] = slot_of_native(instance, func.slot_types->params[i], theirs[i]);
  }
  const Trap trap = call_func(execution, &instance, func, slots.data(), slots.data());
  for (uint32_t i = 0; i < func.results && trap == Trap::none; ++i) {
    theirs[i] = native_of_slot(instance, func.slot_types->results[i], slots[i]);
  }
  return trap;
}

}  // namespace

// The body of a builtin, after its arguments were checked. A register that the signature does not
// name holds whatever was in it.
#define DEFINE(name)                                                                           \
  namespace {                                                                                  \
  BuiltinResult name##_checked(AtWork& work, uint64_t a, uint64_t b, uint64_t c, uint64_t d,   \
                               uint64_t e);                                                    \
  }                                                                                            \
  extern "C" BuiltinHalf cordon_builtin_##name;                                                \
  extern "C" __attribute__((used)) BuiltinResult cordon_builtin_##name(                        \
      abi::VmContext* context, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e) {   \
    AtWork work(context);                                                                      \
    check_arguments<abi::Builtin::name>(work, {a, b, c, d, e});                                \
    return name##_checked(work, a, b, c, d, e);                                                \
  }                                                                                            \
  namespace {                                                                                  \
  [[gnu::always_inline]] inline BuiltinResult name##_checked(                                  \
      [[maybe_unused]] AtWork& work, [[maybe_unused]] uint64_t a, [[maybe_unused]] uint64_t b, \
      [[maybe_unused]] uint64_t c, [[maybe_unused]] uint64_t d, [[maybe_unused]] uint64_t e)
#define DEFINED }

// Numbers are passed in place.
DEFINE(call_import) {
  Func& func = *work.instance.funcs[u32(a)];
  uint64_t* const slots = work.slots(std::max(func.params, func.results));
  if (func.takes_references) [[unlikely]]
    return work.end_call(call_with_references(work.execution, work.instance, func, slots));
  for (uint32_t i = 0; i < func.params; ++i) {
    slots[i] = slot_of_number(func.slot_types->params[i], slots[i]);
  }
  return work.end_call(func.is_host()
                           ? call_host(work.execution, &work.instance, func, slots, slots)
                           : call_func(work.execution, &work.instance, func, slots, slots));
}
DEFINED

// Their thunks are ones of their own, which call the functions at the end of this file.
DEFINE(call_foreign) { CHECK(false); }
DEFINED
DEFINE(return_call_import) { CHECK(false); }
DEFINED
DEFINE(return_call_foreign) { CHECK(false); }
DEFINED

DEFINE(call_own) { CHECK(false); }
DEFINED
DEFINE(return_call_own) { CHECK(false); }
DEFINED

DEFINE(memory_grow) {
  int32_t old_pages = -1;
  const Trap trap = memory_grow(*work.instance.memories[0], u32(a), old_pages);
  return work.end(trap, u32(static_cast<uint64_t>(old_pages)));
}
DEFINED

DEFINE(memory_copy) {
  return work.end(memory_copy(work.execution, work.instance, u32(a), u32(b), u32(c)));
}
DEFINED

DEFINE(memory_fill) {
  return work.end(
      memory_fill(work.execution, work.instance, u32(a), static_cast<uint8_t>(b), u32(c)));
}
DEFINED

DEFINE(memory_init) {
  return work.end(memory_init(work.execution, work.instance, u32(a), u32(b), u32(c), u32(d)));
}
DEFINED

DEFINE(data_drop) {
  data_drop(work.instance, u32(a));
  return work.end(Trap::none);
}
DEFINED

DEFINE(table_get) {
  uint64_t slot = 0;
  const Trap trap = work.table(a).get(u32(b), slot);
  return work.end(trap, work.given(work.element_type(a), slot));
}
DEFINED

DEFINE(table_set) { return work.end(work.table(a).set(u32(b), work.element(a, c))); }
DEFINED

DEFINE(table_size) { return work.end(Trap::none, work.table(a).size()); }
DEFINED

DEFINE(table_grow) {
  int32_t old_size = -1;
  const Trap trap =
      table_grow(work.execution, work.instance, u32(a), work.element(a, c), u32(b), old_size);
  return work.end(trap, u32(static_cast<uint64_t>(old_size)));
}
DEFINED

DEFINE(table_fill) {
  return work.end(
      table_fill(work.execution, work.instance, u32(a), u32(b), work.element(a, c), u32(d)));
}
DEFINED

DEFINE(table_copy) {
  return work.end(
      table_copy(work.execution, work.instance, u32(a), u32(b), u32(c), u32(d), u32(e)));
}
DEFINED

DEFINE(table_init) {
  return work.end(
      table_init(work.execution, work.instance, u32(b), u32(a), u32(c), u32(d), u32(e)));
}
DEFINED

DEFINE(elem_drop) {
  elem_drop(work.instance, u32(a));
  return work.end(Trap::none);
}
DEFINED

DEFINE(ref_func) { return work.end(Trap::none, References::handle_of_func(u32(a))); }
DEFINED

DEFINE(global_get) {
  const Global& global = *work.instance.globals[u32(a)];
  return work.end(Trap::none, work.given(global.type.value, *global.cell));
}
DEFINED

DEFINE(global_set) {
  const Global& global = *work.instance.globals[u32(a)];
  *global.cell = slot_of_native(work.instance, global.type.value, b);
  return work.end(Trap::none);
}
DEFINED

DEFINE(vector_global_get) {
  std::copy_n(work.instance.globals[u32(a)]->cell, 2, work.slots(2));
  return work.end(Trap::none);
}
DEFINED

DEFINE(vector_global_set) {
  std::copy_n(work.slots(2), 2, work.instance.globals[u32(a)]->cell);
  return work.end(Trap::none);
}
DEFINED

DEFINE(throw_new) {
  const Tag& tag = *work.instance.tags[u32(a)];
  const uint64_t* const theirs = work.slots(tag.slots());
  Slots payload(tag.slots());
  for (uint32_t i = 0; i < tag.slots(); ++i) {
    payload[i] = slot_of_native(work.instance, tag.slot_types->params[i], theirs[i]);
  }
  Exception* const exception = work.instance.store->make_exception(
      work.execution, tag, payload.data(), work.execution.stack_top);
  if (exception == nullptr) return work.end(Trap::exception_limit);
  return work.end_by_throw(*exception);
}
DEFINED

DEFINE(throw_ref) {
  const uint64_t slot = slot_of_native(work.instance, wasm::ValType::exnref, a);
  if (slot == 0) return work.end(Trap::null_exception);
  return work.end_by_throw(*reinterpret_cast<Exception*>(slot));
}
DEFINED

#undef DEFINE
#undef DEFINED

namespace {

// A call as between functions (abi/convention.h) that native code made of the runtime: what stands
// in its registers and in the area becomes slots, and the other way round.
class Crossing {
 public:
  Crossing(AtWork& work, Func& func, uint64_t* area)
      : work_(work), func_(func), area_(area), slots_(std::max(func.params, func.results)) {
    work_.check_area(area, abi::stack_use(*func.type).total());
  }

  void take_arguments(const CallRegisters& registers) {
    abi::ParamPlaces places(*func_.type);
    size_t ints = 0, floats = 0;
    uint64_t* slot = slots_.data();
    for (const wasm::ValType type : func_.type->params) {
      const abi::ParamPlace place = places.next(type);
      uint64_t value;
      switch (place.kind) {
        case abi::ParamPlace::Kind::Int: value = registers.ints[ints++]; break;
        case abi::ParamPlace::Kind::Float: value = registers.floats[floats++]; break;
        default: value = area_[place.index];
      }
      *slot++ = slot_of_native(work_.instance, type, value);
      if (wasm::slots_of(type) == 2) *slot++ = area_[place.index + 1];
    }
  }

  // Runs the function, to its end, and leaves its results where native code looks for them.
  BuiltinResult call() {
    uint64_t* slot = slots_.data();
    const Trap trap = call_func(work_.execution, &work_.instance, func_, slot, slot);
    if (trap != Trap::none) return work_.end_call(trap);
    const std::span results(func_.type->results);
    const uint32_t in_memory = abi::first_in_memory(results);
    const uint64_t first = in_memory != 0 ? work_.given(results[0], *slot++) : 0;
    abi::ResultPlaces places;
    for (const wasm::ValType type : results.subspan(in_memory)) {
      uint64_t* const to = &area_[places.next(type)];
      to[0] = work_.given(type, *slot++);
      if (wasm::slots_of(type) == 2) to[1] = *slot++;
    }
    return work_.end(Trap::none, first);
  }

  // Leaves the activation; its caller goes on with the function, and takes its results for those of
  // the one that it called ([B1]).
  BuiltinResult leave() {
    if (func_.type->results != innermost_activation()->entered->type->results) {
      die_of_escape("a tail call of a function with other results");
    }
    Successor& successor = work_.execution.successor;
    successor.func = &func_;
    successor.args.assign(slots_.data(), slots_.data() + func_.params);
    constexpr uint64_t kLeaves = 1;  // that is no trap, activation.trap says
    work_.end(Trap::none);
    return {0, kLeaves};
  }

 private:
  AtWork& work_;
  Func& func_;
  uint64_t* const area_;
  Slots slots_;
};

// A call of what native code cannot enter by itself.
BuiltinResult call_across(AtWork& work, Func& func, const CallRegisters& registers,
                          uint64_t* area) {
  Crossing crossing(work, func, area);
  crossing.take_arguments(registers);
  return crossing.call();
}

// A tail call of what is not of this instance: the frame of the function that makes it is gone, and
// `area` is its caller's. [S1] If the host entered that function, it calls the next in its place.
// If not, there is one more entry, from which all that follows leaves in that way.
BuiltinResult call_in_place(AtWork& work, Func& func, const CallRegisters& registers,
                            uint64_t* area) {
  Crossing crossing(work, func, area);
  crossing.take_arguments(registers);
  return !func.is_host() && work.is_entered_by_host(area) ? crossing.leave() : crossing.call();
}

Func& func_at(const AtWork& work, void* view) {
  if (!work.instance.store->has_func(view)) die_of_escape("a call of what is no function");
  return *static_cast<Func*>(view);
}

// [B1] The function of this number, of those from `first` on and before `end`.
Func& func_between(const AtWork& work, size_t first, size_t end, void* index) {
  const auto number = reinterpret_cast<uint64_t>(index);
  if (number < first || number >= end) {
    die_of_escape("a builtin was given what the module does not have");
  }
  return *work.instance.funcs[number];
}
Func& import_at(const AtWork& work, void* index) {
  return func_between(work, 0, work.module().imported_funcs, index);
}
Func& own_at(const AtWork& work, void* index) {
  return func_between(work, work.module().imported_funcs, work.instance.funcs.size(), index);
}

}  // namespace

extern "C" {

__attribute__((used)) BuiltinResult cordon_call_foreign(abi::VmContext* context, void* callee,
                                                        CallRegisters* registers, uint64_t* area) {
  AtWork work(context);
  return call_across(work, func_at(work, callee), *registers, area);
}

__attribute__((used)) BuiltinResult cordon_return_call_foreign(abi::VmContext* context,
                                                               void* callee,
                                                               CallRegisters* registers,
                                                               uint64_t* area) {
  AtWork work(context);
  return call_in_place(work, func_at(work, callee), *registers, area);
}

__attribute__((used)) BuiltinResult cordon_return_call_import(abi::VmContext* context, void* index,
                                                              CallRegisters* registers,
                                                              uint64_t* area) {
  AtWork work(context);
  return call_in_place(work, import_at(work, index), *registers, area);
}

__attribute__((used)) BuiltinResult cordon_call_own(abi::VmContext* context, void* index,
                                                    CallRegisters* registers, uint64_t* area) {
  AtWork work(context);
  return call_across(work, own_at(work, index), *registers, area);
}

__attribute__((used)) BuiltinResult cordon_return_call_own(abi::VmContext* context, void* index,
                                                           CallRegisters* registers,
                                                           uint64_t* area) {
  AtWork work(context);
  return call_in_place(work, own_at(work, index), *registers, area);
}

}  // extern "C"

}  // namespace cordon::runtime
