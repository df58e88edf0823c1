// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/abi/module_plan.h"

#include "core/wasm/limits.h"

namespace cordon::abi {

static_assert(sizeof(VmContext) % kSlotSize == 0);
static_assert(sizeof(VmContext) + sizeof(TableView*) * uint64_t{wasm::kMaxTables} +
                  sizeof(uint32_t) * uint64_t{wasm::kMaxTypes} +
                  kSlotSize * (uint64_t{wasm::kMaxGlobals} + wasm::kMaxImports) + kSlotSize <
              (uint64_t{1} << 31));

ModulePlan::ModulePlan(const wasm::Module& module) {
  tables_ = sizeof(VmContext);
  type_ids_ = table(static_cast<uint32_t>(module.tables.size()));
  const uint32_t type_ids_end = type_id(static_cast<uint32_t>(module.types.size()));
  globals_ = (type_ids_end + kSlotSize - 1) / kSlotSize * kSlotSize;
  size_ = global(static_cast<uint32_t>(module.globals.size()));
}

Access global_access(const wasm::Module& module, uint32_t index) {
  if (module.is_left_to_runtime({index})) return Access::Host;
  return module.globals[index].type.is_mutable ? Access::ReadWrite : Access::Read;
}

}  // namespace cordon::abi
