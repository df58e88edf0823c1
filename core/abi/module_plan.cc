// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/abi/module_plan.h"

#include "core/wasm/limits.h"

namespace cordon::abi {

static_assert(sizeof(VmContext) % 8 == 0);
static_assert(sizeof(VmContext) + uint64_t{8} * wasm::kMaxTables + uint64_t{4} * wasm::kMaxTypes +
                  uint64_t{8} * (uint64_t{wasm::kMaxGlobals} + wasm::kMaxImports) + 8 <
              (uint64_t{1} << 31));

ModulePlan::ModulePlan(const wasm::Module& module) {
  tables_ = sizeof(VmContext);
  type_ids_ = tables_ + 8 * static_cast<uint32_t>(module.tables.size());
  uint32_t type_ids_end = type_ids_ + 4 * static_cast<uint32_t>(module.types.size());
  globals_ = (type_ids_end + 7) & ~uint32_t{7};
  size_ = globals_ + 8 * static_cast<uint32_t>(module.globals.size());
}

Access global_access(const wasm::Module& module, uint32_t index) {
  if (module.is_left_to_runtime({index})) return Access::Host;
  return module.globals[index].type.is_mutable ? Access::ReadWrite : Access::Read;
}

}  // namespace cordon::abi
