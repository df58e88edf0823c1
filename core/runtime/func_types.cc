// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/func_types.h"

#include "core/wasm/slot_types.h"

namespace cordon::runtime {

namespace {

// A function type as bytes: two are equal exactly if the types are. The count in front separates
// parameters from results.
std::string key_of(const wasm::FuncType& type) {
  std::string key = std::to_string(type.params.size()) + ':';
  const auto add = [&](const std::vector<wasm::ValType>& types) {
    key.append(reinterpret_cast<const char*>(types.data()), types.size() * sizeof(wasm::ValType));
  };
  add(type.params);
  add(type.results);
  return key;
}

bool has_vectors(const std::vector<wasm::ValType>& types) {
  return wasm::slots_of(types) != types.size();
}

}  // namespace

TypeId FuncTypes::intern(const wasm::FuncType& type) {
  const auto next = static_cast<TypeId>(types_.size());
  const auto [found, added] = ids_.try_emplace(key_of(type), next);
  if (!added) return found->second;
  types_.push_back(type);
  const bool is_wide = has_vectors(type.params) || has_vectors(type.results);
  slot_types_.push_back(is_wide
                            ? &wide_types_.emplace_back(wasm::FuncType{
                                  wasm::slots_from(type.params), wasm::slots_from(type.results)})
                            : &types_.back());
  return next;
}

}  // namespace cordon::runtime
