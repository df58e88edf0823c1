// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/code/entries.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/runtime/instance.h"
#include "core/runtime/trap_handler.h"

namespace cordon::runtime {
namespace {

// [C1] What call_indirect relies on: a function has both its code and the context of the instance
// that the code belongs to, or neither.
bool is_view_whole(const Func& func) {
  const abi::FuncView& view = func.view;
  if (view.entry == nullptr) return view.context == nullptr;
  return view.context != nullptr && view.context->instance == func.instance;
}

void give_entries(Instance& instance, const CodeUnit& unit) {
  const size_t imported = instance.module->module().imported_funcs;
  for (uint32_t i = 0; i < unit.funcs(); ++i) {
    const size_t index = imported + unit.body(i);
    CHECK(index < instance.funcs.size());
    Func& func = *instance.funcs[index];
    CHECK(func.instance == &instance);
    func.view.entry = unit.entry(i);
    func.view.context = &instance.context->get();
    func.checked_bytes = Func::kNotInterpreted;
    CHECK(is_view_whole(func));
  }
}

// The unit with this number, or null; most are in the order of their numbers.
const CodeUnit* unit_with_number(std::span<const CodeUnit* const> units, uint32_t number) {
  if (number >= units.size()) return nullptr;
  if (units[number]->number() == number) return units[number];
  const auto found = std::ranges::find(units, number, &CodeUnit::number);
  return found != units.end() ? *found : nullptr;
}

}  // namespace

Result<void> attach_code(Instance& instance, std::shared_ptr<const CodeSpace> code,
                         size_t stack_bytes) {
  CHECK(&code->module() == &instance.module->module() && instance.context.has_value());
  instance.stack.emplace(TRY(GuestStack::create(stack_bytes)));
  TRY_VOID(install_trap_handler());
  instance.context->link(instance);
  instance.code = std::move(code);
  take_code(instance);
  CHECK(std::ranges::all_of(instance.funcs, [](const Func* func) { return is_view_whole(*func); }));
  return {};
}

void take_code(Instance& instance) {
  const auto units = instance.code->units();
  for (;;) {
    const CodeUnit* const next = unit_with_number(units, instance.units_taken);
    if (next == nullptr || !instance.code->is_linked(*next)) break;
    give_entries(instance, *next);
    ++instance.units_taken;
  }
}

}  // namespace cordon::runtime
