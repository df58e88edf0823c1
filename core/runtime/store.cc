// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/store.h"

#include <algorithm>
#include <utility>

#include "core/abi/frame.h"
#include "core/runtime/diagnostics.h"

namespace cordon::runtime {

namespace {

// A function type as bytes: equal exactly if the types are. The count in front keeps parameters
// and results apart.
std::string key_of(const wasm::FuncType& type) {
  std::string key = std::to_string(type.params.size()) + ':';
  const auto add = [&](const std::vector<wasm::ValType>& types) {
    key.append(reinterpret_cast<const char*>(types.data()), types.size() * sizeof(wasm::ValType));
  };
  add(type.params);
  add(type.results);
  return key;
}

bool has_references(const wasm::FuncType& type) {
  return std::any_of(type.params.begin(), type.params.end(), wasm::is_ref) ||
         std::any_of(type.results.begin(), type.results.end(), wasm::is_ref);
}

}  // namespace

TypeId Store::intern(const wasm::FuncType& type) {
  auto next = static_cast<TypeId>(types_.size());
  auto [found, added] = type_ids_.try_emplace(key_of(type), next);
  if (added) types_.push_back(type);
  return found->second;
}

Func& Store::new_func(TypeId type) {
  Func& func = funcs_.add();
  func.store = this;
  func.type_id = type;
  func.type = &types_[static_cast<uint32_t>(type)];
  func.params = static_cast<uint32_t>(func.type->params.size());
  func.results = static_cast<uint32_t>(func.type->results.size());
  func.view.type_id = static_cast<uint32_t>(type);
  func.takes_references = has_references(*func.type);
  return func;
}

Trap Store::take_in(wasm::ValType type, uint64_t& slot) {
  switch (type) {
    case wasm::ValType::i32:
    case wasm::ValType::f32: slot = static_cast<uint32_t>(slot); return Trap::none;
    case wasm::ValType::i64:
    case wasm::ValType::f64: return Trap::none;
    case wasm::ValType::funcref: {
      const auto* func = reinterpret_cast<const Func*>(slot);
      return func == nullptr || func->store == this ? Trap::none : Trap::host_failure;
    }
    case wasm::ValType::externref: break;
  }
  if (slot == 0 || externrefs_.contains(slot)) return Trap::none;
  if (externrefs_.size() >= limits_.max_externrefs) return Trap::memory_limit;  // [L1]
  externrefs_.insert(slot);
  return Trap::none;
}

Result<void> Store::check_value(wasm::ValType type, uint64_t& slot) {
  const Trap trap = take_in(type, slot);
  if (trap == Trap::none) return {};
  return fail(diag::store_reference, kNoOffset, std::string(trap_name(trap)));
}

bool Store::owns(const Extern& what) const {
  if (auto* func = std::get_if<Func*>(&what)) return (*func)->store == this;
  if (auto* table = std::get_if<Table*>(&what)) return (*table)->is_of(table_budget_);
  if (auto* global = std::get_if<Global*>(&what)) return (*global)->store == this;
  const Memory* memory = std::get<Memory*>(what);
  return std::any_of(memories_.begin(), memories_.end(),
                     [memory](const auto& owned) { return owned.get() == memory; });
}

const uint8_t* Store::runnable(ByteSpan module, wasm::ByteRange body) {
  const uint8_t* const code = module.data() + body.offset;
  if (module.size() - body.offset >= body.size + Func::kReadAhead) return code;
  auto copy = std::make_unique<uint8_t[]>(body.size + Func::kReadAhead);
  std::copy_n(code, body.size, copy.get());
  return copied_bodies_.emplace_back(std::move(copy)).get();
}

Func* Store::add_host_func(const wasm::FuncType& type, HostFn fn, void* env) {
  Func& func = new_func(intern(type));
  func.host = fn;
  func.host_env = env;
  return &func;
}

Func* Store::add_func(const wasm::ValidatedFunc& code, Instance& instance) {
  wasm::TypeIdx type = instance.module->module().funcs[code.index().value];
  Func& func = new_func(instance.type_ids[type.value]);
  func.instance = &instance;
  func.index = code.index().value;
  func.code = &code;
  func.pc = runnable(instance.module->module().bytes(), code.body().code);
  func.last = func.pc + code.body().code.size - 1;
  func.side = code.side_table().data();
  func.locals = code.locals();
  const uint32_t frame = abi::counted_frame(code);
  func.call_bytes = abi::kReturnAddress + frame;
  func.checked_bytes = abi::kReturnAddress + abi::checked_frame(frame);
  func.entry_fuel = code.entry_fuel();
  return &func;
}

Result<Memory*> Store::add_memory(wasm::MemoryType type) {
  memories_.push_back(TRY(Memory::create(type, limits_.max_memory_pages, limits_.growth_fails)));
  return memories_.back().get();
}

Result<Table*> Store::add_table(wasm::TableType type, uint64_t init) {
  TRY_VOID(check_value(type.element, init));
  tables_.push_back(TRY(Table::create(type, table_budget_, init)));
  return tables_.back().get();
}

Result<Global*> Store::add_global(wasm::GlobalType type, uint64_t value) {
  TRY_VOID(check_value(type.value, value));
  return add_global(type, &cells_.emplace_back(value));
}

Global* Store::add_global(wasm::GlobalType type, uint64_t* cell) {
  return &globals_.emplace_back(Global{type, cell, this});
}

Instance& Store::add_instance(std::shared_ptr<const wasm::ValidatedModule> module) {
  Instance& instance = instances_.emplace_back();
  instance.store = this;
  instance.module = std::move(module);
  instance.context.emplace(instance.module->module());
  return instance;
}

bool Store::is_at_rest() const {
  return std::all_of(instances_.begin(), instances_.end(), [](const Instance& instance) {
    return !instance.stack || instance.stack->top == instance.stack->base();
  });
}

uint64_t Store::memory_bytes() const {
  uint64_t sum = 0;
  for (const auto& memory : memories_) sum += memory->size();
  return sum;
}

bool Store::hit_memory_limit() const {
  return std::any_of(memories_.begin(), memories_.end(),
                     [](const auto& memory) { return memory->hit_limit(); });
}

}  // namespace cordon::runtime
