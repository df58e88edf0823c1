// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/loop_state.h"

#include "core/base/check.h"
#include "core/runtime/entry.h"
#include "core/runtime/trap_handler.h"
#include "core/wasm/loop_types.h"

namespace cordon::runtime {
namespace {

// The interpreter's local i has its slot at i, and the upper half of a vector after all of these
// (docs/decisions/vectors.md). Locals that hold what was caught have no value here.
std::vector<uint64_t> native_slots(Instance& instance, const Func& func,
                                   const wasm::LoopTypes& types, const uint64_t* locals) {
  std::vector<uint64_t> slots;
  const uint64_t* upper = locals + types.locals.size();
  for (const wasm::ValType type : types.locals) {
    slots.push_back(native_of_slot(instance, type, *locals++));
    if (wasm::slots_of(type) == 2) slots.push_back(*upper);
    ++upper;
  }
  const uint64_t* operands = locals - types.locals.size() + func.locals;
  for (const wasm::ValType type : types.operands) {
    slots.push_back(native_of_slot(instance, type, *operands++));
    if (wasm::slots_of(type) == 2) slots.push_back(*operands++);
  }
  return slots;
}

}  // namespace

std::optional<LoopState> loop_state(const Execution& execution, Func& func, uint32_t offset,
                                    const uint64_t* locals) {
  Instance& instance = *func.instance;
  if (!func.is_native()) return std::nullopt;
  const CodeUnit& unit = *instance.code->unit_at(func.view.entry);
  const uint32_t index = *unit.func_at(unit.offset_of(func.view.entry));
  const abi::LoopEntry* const entry = unit.loop_entry(index, offset);
  if (entry == nullptr) return std::nullopt;
  if (!has_room_at_loop(execution, func, unit.func(index).frame_size, entry->slots)) {
    return std::nullopt;
  }
  const uint32_t body = func.index - instance.module->module().imported_funcs;
  const auto types = wasm::types_at_loop(*instance.module, body, offset);
  CHECK(types.has_value());
  LoopState state{unit.code().data() + entry->offset, native_slots(instance, func, *types, locals)};
  if (state.slots.size() != entry->slots) {
    die_of_escape("native code takes another state of a loop than there is");
  }
  return state;
}

}  // namespace cordon::runtime
