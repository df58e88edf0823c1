// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/abi/module_plan.h"

#include <algorithm>

#include "core/wasm/limits.h"

namespace cordon::abi {

static_assert(sizeof(VmContext) % kSlotSize == 0);
static_assert(sizeof(VmContext) + sizeof(TableView*) * uint64_t{wasm::kMaxTables} +
                  sizeof(uint32_t) * uint64_t{wasm::kMaxTypes} +
                  2 * kSlotSize * (uint64_t{wasm::kMaxGlobals} + wasm::kMaxImports) + kSlotSize <
              (uint64_t{1} << 31));

ModulePlan::ModulePlan(const wasm::Module& module) {
  tables_ = sizeof(VmContext);
  type_ids_ = table(static_cast<uint32_t>(module.tables.size()));
  const uint32_t type_ids_end = type_id(static_cast<uint32_t>(module.types.size()));
  globals_ = (type_ids_end + kSlotSize - 1) / kSlotSize * kSlotSize;
  const auto globals = static_cast<uint32_t>(module.globals.size());
  for (uint32_t i = 0; i < globals; ++i) {
    if (module.globals[i].type.value == wasm::ValType::v128) vectors_.push_back(i);
  }
  size_ = global(globals);
}

uint32_t ModulePlan::vectors_before(uint32_t index) const {
  return static_cast<uint32_t>(std::ranges::lower_bound(vectors_, index) - vectors_.begin());
}

Access global_access(const wasm::Module& module, uint32_t index) {
  if (module.is_left_to_runtime({index})) return Access::Host;
  return module.globals[index].type.is_mutable ? Access::ReadWrite : Access::Read;
}

}  // namespace cordon::abi
