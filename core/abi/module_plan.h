// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ModulePlan: the layout of a module's own part of its instance context, after the fixed fields.
// This one function computes it from the module, in the process that compiles, in the verifier and
// in the runtime:
//
//     | VmContext | TableView* a table | canonical type id (u32) a type | slots (u64) of each
//     global |
//
// The slots of an imported mutable global are not used: code accesses it through a builtin. Those
// of an imported immutable one are a copy. Code accesses every global of a reference type through
// builtins, since its cell holds a pointer of the runtime's ([R1]).
#pragma once

#include <cstdint>
#include <vector>

#include "core/abi/slot.h"
#include "core/abi/vmctx.h"
#include "core/wasm/module.h"

namespace cordon::abi {

// Depends on the module's declarations alone: equal modules have equal plans in every process.
class ModulePlan {
 public:
  // Copies what it needs; the module need not outlive it.
  explicit ModulePlan(const wasm::Module& module);

  // Offsets from the start of the context, in bytes. REQUIRES of all: the index is in range.
  uint32_t table(uint32_t index) const { return tables_ + kTableView * index; }
  uint32_t type_id(uint32_t index) const { return type_ids_ + kTypeId * index; }
  uint32_t global(uint32_t index) const {
    return globals_ + slot_bytes(index + (vectors_.empty() ? 0 : vectors_before(index)));
  }
  // Bytes of the whole context. Far below 2^31: limits.h bounds each count.
  uint32_t size() const { return size_; }

 private:
  uint32_t vectors_before(uint32_t index) const;
  static constexpr uint32_t kTableView = sizeof(TableView*), kTypeId = sizeof(uint32_t);
  uint32_t tables_, type_ids_, globals_, size_;
  std::vector<uint32_t> vectors_;  // indices of the globals that are v128, ascending
};

// Bytes that a code space reserves, and a compiler keeps to, for code that is made as it is needed
// (code_blob.h); full pages, at most kMaxCodeSpace.
uint64_t room_for_needed(const wasm::Module& module);

// Whether and how code accesses this global in the context; Host: through builtins alone.
Access global_access(const wasm::Module& module, uint32_t index);

}  // namespace cordon::abi
