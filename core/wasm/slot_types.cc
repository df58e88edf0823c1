// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/slot_types.h"

namespace cordon::wasm {

namespace {

constexpr ValType kVector[] = {ValType::v128, ValType::v128};

bool has_vector(const std::vector<ValType>& types) { return slots_of(types) != types.size(); }

}  // namespace

std::vector<ValType> slots_from(std::span<const ValType> types) {
  std::vector<ValType> slots;
  slots.reserve(slots_of(types));
  for (const ValType type : types) slots.insert(slots.end(), slots_of(type), type);
  return slots;
}

SlotTypes::SlotTypes(const Module& module) : module_(module) {
  for (uint32_t i = 0; i < module.types.size(); ++i) {
    const FuncType& type = module.types[i];
    if (!has_vector(type.params) && !has_vector(type.results)) continue;
    places_.resize(module.types.size());
    wide_.push_back({slots_from(type.params), slots_from(type.results)});
    places_[i] = static_cast<uint32_t>(wide_.size());
  }
}

BlockTypes SlotTypes::of(const BlockType& type) const {
  if (type.kind == BlockType::Kind::Value && type.value == ValType::v128) return {{}, kVector};
  if (type.kind != BlockType::Kind::Func) return types_of(type, module_);
  const FuncType& func = of(type.type);
  return {func.params, func.results};
}

bool SlotTypes::has_vectors(const BlockType& type) const {
  if (type.kind == BlockType::Kind::Func) return has_vectors(type.type);
  return type.kind == BlockType::Kind::Value && type.value == ValType::v128;
}

}  // namespace cordon::wasm
