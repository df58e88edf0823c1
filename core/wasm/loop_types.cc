// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/loop_types.h"

#include "core/wasm/validate_func.h"

namespace cordon::wasm {

namespace {

class LoopWatcher final : public FuncValidator {
 public:
  LoopWatcher(const Module& module, const SlotTypes& slot_types, const std::vector<bool>& declared,
              uint32_t offset)
      : FuncValidator(module, slot_types, declared), offset_(offset) {}

  std::optional<LoopTypes> found;

 private:
  void loop_opened() override {
    if (op_offset_ != offset_ || !live_) return;
    found.emplace().locals = locals_;
    const std::span<const ValType> slots = operands_.of_all_blocks();
    for (size_t i = 0; i < slots.size(); i += slots_of(slots[i])) {
      found->operands.push_back(slots[i]);
    }
  }

  const uint32_t offset_;
};

}  // namespace

std::optional<LoopTypes> types_at_loop(const ValidatedModule& module, uint32_t body,
                                       uint32_t offset) {
  const SlotTypes slot_types(module.module());
  // The body is valid: whatever it refers to was declared.
  const std::vector<bool> declared(module.module().funcs.size(), true);
  LoopWatcher watcher(module.module(), slot_types, declared, offset);
  std::vector<SideEntry> entries;
  if (!watcher.validate(body, entries)) return std::nullopt;
  return std::move(watcher.found);
}

}  // namespace cordon::wasm
