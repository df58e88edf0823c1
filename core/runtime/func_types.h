// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FuncTypes: the function types of a store, each once, so that two functions have equal types
// exactly if the numbers of their types are equal. Used by the Store alone.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/runtime/func.h"

namespace cordon::runtime {

// References that it gives out are valid as long as it is.
class FuncTypes {
 public:
  // The number of `type`: the one it has already, or a new one.
  TypeId intern(const wasm::FuncType& type);
  // REQUIRES, as the next one: `id` came from intern() of this object.
  const wasm::FuncType& operator[](TypeId id) const { return types_[static_cast<uint32_t>(id)]; }
  // The same type with each v128 twice: one entry a slot (Func::slot_types).
  const wasm::FuncType& slot_types(TypeId id) const {
    return *slot_types_[static_cast<uint32_t>(id)];
  }

 private:
  std::deque<wasm::FuncType> types_;               // TypeId is the place
  std::vector<const wasm::FuncType*> slot_types_;  // the same
  std::deque<wasm::FuncType> wide_types_;          // those that are not the type itself
  std::unordered_map<std::string, TypeId> ids_;    // by the bytes of the type
};

}  // namespace cordon::runtime
