// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/references.h"

#include "core/runtime/instance.h"

namespace cordon::runtime {

uint64_t References::List::place_of(uint64_t reference) {
  const auto [found, added] = places.try_emplace(reference, references.size());
  if (added) references.push_back(reference);
  return found->second;
}

uint64_t References::give(wasm::ValType type, uint64_t reference) {
  if (reference == 0) return 0;
  if (type == wasm::ValType::externref) return externs_.place_of(reference) + 1;
  const auto* func = reinterpret_cast<const Func*>(reference);
  if (func->instance == &instance_) return handle_of_func(func->index);
  return funcs_.place_of(reference) + instance_.funcs.size() + 1;
}

std::optional<uint64_t> References::named(wasm::ValType type, uint64_t handle) const {
  if (handle == 0) return 0;
  uint64_t place = handle - 1;
  const List& list = type == wasm::ValType::externref ? externs_ : funcs_;
  if (type != wasm::ValType::externref) {
    const size_t own = instance_.funcs.size();
    if (place < own) return reinterpret_cast<uint64_t>(instance_.funcs[place]);
    place -= own;
  }
  if (place >= list.references.size()) return std::nullopt;
  return list.references[place];
}

}  // namespace cordon::runtime
