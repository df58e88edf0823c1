// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/verify/layout.h"

#include <map>

#include "core/abi/module_plan.h"

namespace cordon::verify {
namespace {

using Kind = ContextWord::Kind;

TypeFacts facts_of(const wasm::FuncType& type) {
  TypeFacts facts;
  abi::ParamPlaces places(type);
  for (const wasm::ValType param : type.params) {
    const abi::ParamPlace place = places.next(param);
    if (param == wasm::ValType::i32 && place.kind == abi::ParamPlace::Kind::Int) {
      facts.params_u32 |= uint32_t{1} << place.index;
    }
  }
  if (!type.results.empty() && type.results[0] == wasm::ValType::i32) {
    facts.result_u32 = uint32_t{1} << abi::kIntResult;
  }
  facts.slots = places.stack_slots();
  return facts;
}

}  // namespace

Layout::Layout(const wasm::Module& module, uint32_t tail_window)
    : module_(&module), tail_window_(tail_window), has_code_(module.bodies.size()) {
  std::map<std::vector<wasm::ValType>, uint32_t> results;
  types_.reserve(module.types.size());
  for (const wasm::FuncType& type : module.types) {
    types_.push_back(facts_of(type));
    const auto next = static_cast<uint32_t>(results.size());
    types_.back().results = results.try_emplace(type.results, next).first->second;
  }
  lay_out_context();
}

void Layout::add(const abi::CodeBlob& blob) {
  if (starts_.empty()) table_size_ = blob.place.code_base;
  for (const auto& func : blob.funcs) {
    starts_.push_back(blob.place.code_base + func.offset);
    bodies_.push_back(func.body);
    has_code_[func.body] = true;
  }
  end_ = blob.place.code_base + blob.extent();
}

void Layout::lay_out_context() {
  const abi::ModulePlan plan(*module_);
  words_.resize(plan.size() / 4);
  for (const abi::FieldRow& field : abi::kVmFields) {
    if (field.access == abi::Access::Host) continue;
    const Kind kind = field.offset == offsetof(abi::VmContext, fuel) ? Kind::Fuel : Kind::Field;
    add_word(field.offset, {kind, static_cast<uint8_t>(field.width), field.access});
  }
  for (uint32_t i = 0; i < abi::kBuiltins.size(); ++i) {
    add_word(offset_of(static_cast<abi::Builtin>(i)), {Kind::Builtin, 8, abi::Access::Host, i});
  }
  for (uint32_t i = 0; i < module_->tables.size(); ++i) {
    // [C1] An element of any other table is no function.
    if (module_->tables[i].element != wasm::ValType::funcref) continue;
    add_word(plan.table(i), {Kind::Table, 8, abi::Access::Host, i});
  }
  for (uint32_t i = 0; i < module_->types.size(); ++i) {
    add_word(plan.type_id(i), {Kind::TypeId, 4, abi::Access::Host, i});
  }
  for (uint32_t i = 0; i < module_->globals.size(); ++i) {
    const abi::Access access = abi::global_access(*module_, i);
    if (access == abi::Access::Host) continue;
    const wasm::ValType type = module_->globals[i].type.value;
    const bool narrow = type == wasm::ValType::i32 || type == wasm::ValType::f32;
    const uint32_t width = narrow ? 4 : abi::slot_bytes(wasm::slots_of(type));
    add_word(plan.global(i), {Kind::Field, static_cast<uint8_t>(width), access});
  }
}

const TypeFacts* Layout::entry_at(uint64_t offset) const {
  uint64_t body = offset / abi::kEntrySlot, entry = body * abi::kEntrySlot;
  if (!is_slot(offset)) {
    // A binary search without unpredictable branches.
    uint64_t index = 0;
    for (uint64_t count = starts_.size(); count > 1; count -= count / 2) {
      index += starts_[index + count / 2] <= offset ? count / 2 : 0;
    }
    body = bodies_[index];
    entry = starts_[index];
  }
  if (entry != offset || body >= module_->bodies.size()) return nullptr;
  return &type_of(module_->imported_funcs + static_cast<uint32_t>(body));
}

}  // namespace cordon::verify
