// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SlotTypes: the types of a module as validation counts operands, one entry a slot
// (operand_types.h): a v128 takes two in a row. Made once a module and shared by its validating
// threads.
#pragma once

#include <span>
#include <vector>

#include "core/wasm/control_stack.h"
#include "core/wasm/module.h"

namespace cordon::wasm {

// The types, one entry a slot, so each v128 twice.
std::vector<ValType> slots_from(std::span<const ValType> types);

// Copies only the function types with a v128; a module without vectors costs nothing.
class SlotTypes {
 public:
  // `module` outlives this.
  explicit SlotTypes(const Module& module);

  // REQUIRES of both: the index is in range, or the block type's is.
  const FuncType& of(TypeIdx type) const {
    return has_vectors(type) ? wide_[places_[type.value] - 1] : module_.types[type.value];
  }
  BlockTypes of(const BlockType& type) const;
  // Whether a parameter or a result is a v128.
  bool has_vectors(TypeIdx type) const { return !places_.empty() && places_[type.value] != 0; }
  bool has_vectors(const BlockType& type) const;

 private:
  const Module& module_;
  std::vector<FuncType> wide_;
  std::vector<uint32_t> places_;  // by type: its place in wide_ plus one, or 0; may be empty
};

}  // namespace cordon::wasm
