// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/abi/module_plan.h"

#include <algorithm>

#include "core/abi/code_blob.h"
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

// [L1] Only addresses are reserved. A byte of wasm becomes about four bytes of code, and a piece
// has one function at least and fills pages of its own, for code and for read-only data. What does
// not fit stays interpreted.
uint64_t room_for_needed(const wasm::Module& module) {
  constexpr uint64_t kLeast = uint64_t{1} << 20, kPerByte = 64;
  uint64_t size = kLeast + 2 * uint64_t{kCodePage} * module.bodies.size();
  for (const wasm::FuncBody& body : module.bodies) size += kPerByte * body.code.size;
  return std::min(kMaxCodeSpace, round_to_code_page(size));
}

Access global_access(const wasm::Module& module, uint32_t index) {
  if (module.is_left_to_runtime({index})) return Access::Host;
  return module.globals[index].type.is_mutable ? Access::ReadWrite : Access::Read;
}

}  // namespace cordon::abi
