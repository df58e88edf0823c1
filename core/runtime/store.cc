// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/store.h"

#include <algorithm>
#include <utility>

#include "core/abi/frame.h"
#include "core/runtime/diagnostics.h"
#include "core/runtime/execution.h"
#include "core/runtime/vector_code.h"

namespace cordon::runtime {

namespace {

bool has_references(const wasm::FuncType& type) {
  return std::any_of(type.params.begin(), type.params.end(), wasm::is_ref) ||
         std::any_of(type.results.begin(), type.results.end(), wasm::is_ref);
}

}  // namespace

Func& Store::new_func(TypeId type) {
  Func& func = funcs_.add();
  func.store = this;
  func.type_id = type;
  func.type = &types_[type];
  func.slot_types = &types_.slot_types(type);
  func.params = static_cast<uint32_t>(func.slot_types->params.size());
  func.results = static_cast<uint32_t>(func.slot_types->results.size());
  func.view.type_id = static_cast<uint32_t>(type);
  func.takes_references = has_references(*func.type);
  return func;
}

Trap Store::take_in(wasm::ValType type, uint64_t& slot) {
  if (wasm::is_ref(type) && wasm::heap_of(type) == wasm::HeapKind::exn) {
    const bool is_null = slot == 0 && wasm::is_nullable(type);
    return is_null || exceptions_.has(slot) ? Trap::none : Trap::host_failure;
  }
  switch (type) {
    case wasm::ValType::i32:
    case wasm::ValType::f32: slot = static_cast<uint32_t>(slot); return Trap::none;
    case wasm::ValType::i64:
    case wasm::ValType::f64:
    case wasm::ValType::v128: return Trap::none;
    case wasm::ValType::funcref: {
      const auto* func = reinterpret_cast<const Func*>(slot);
      return func == nullptr || func->store == this ? Trap::none : Trap::host_failure;
    }
    case wasm::ValType::exnref:
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
  if (auto* tag = std::get_if<Tag*>(&what)) return (*tag)->store == this;
  const Memory* memory = std::get<Memory*>(what);
  return std::any_of(memories_.begin(), memories_.end(),
                     [memory](const auto& owned) { return owned.get() == memory; });
}

void Store::place_body(Func& func, ByteSpan module) {
  const wasm::ByteRange body = func.code->body().code;
  const bool is_copied =
      needs_vector_code(*func.code) || module.size() - body.offset < body.size + Func::kReadAhead;
  if (!is_copied) {
    func.pc = module.data() + body.offset;
    func.last = func.pc + body.size - 1;
    return;
  }
  const size_t size = kVectorEntry + body.size + Func::kReadAhead;
  uint8_t* const copy = copied_bodies_.emplace_back(std::make_unique<uint8_t[]>(size)).get();
  uint8_t* const first = copy + kVectorEntry;
  std::copy_n(module.data() + body.offset, body.size, first);
  func.pc = make_vector_code(*func.code, first);
  func.last = first + body.size - 1;
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
  place_body(func, instance.module->module().bytes());
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
  return add_global(type, &cells_.emplace_back(wasm::V128{value, 0}).low);
}

Global* Store::add_global(wasm::GlobalType type, wasm::V128 value) {
  return add_global(type, &cells_.emplace_back(value).low);
}

Global* Store::add_global(wasm::GlobalType type, uint64_t* cell) {
  return &globals_.emplace_back(Global{type, cell, this});
}

Tag* Store::add_tag(const wasm::FuncType& type, std::string_view name, uint32_t index) {
  const TypeId id = intern(type);
  return &tags_.emplace_back(
      Tag{&types_[id], &types_.slot_types(id), id, this, index, std::string(name)});
}

// An embedder's own references are no roots, and are checked when they come back (take_in()).
Roots Store::roots_of_exceptions(const Execution& execution, const uint64_t* top) const {
  Roots roots;
  const auto is_exn = [](wasm::ValType type) {
    return wasm::is_ref(type) && wasm::heap_of(type) == wasm::HeapKind::exn;
  };
  roots.emplace_back(execution.stack_base, top);
  for (const Execution* other : running_) {
    roots.emplace_back(&other->exception, 1);
    if (other != &execution) roots.emplace_back(other->stack_base, other->stack_top);
  }
  for (const Global& global : globals_) {
    if (is_exn(global.type.value)) roots.emplace_back(global.cell, 1);
  }
  for (const auto& table : tables_) {
    if (is_exn(table->type().element)) roots.emplace_back(table->elements(), table->size());
  }
  for (const Instance& instance : instances_) {
    const auto& segments = instance.module->module().elems;
    for (size_t i = 0; i < instance.elems.size(); ++i) {
      if (is_exn(segments[i].type)) roots.emplace_back(instance.elems[i]);
    }
  }
  return roots;
}

// Native frames hold handles: each is looked up as one of the instance whose stack it is on.
void Store::collect_exceptions(const Execution& execution, const uint64_t* top) {
  std::vector<uint64_t> named;
  for (const Instance& instance : instances_) {
    if (!instance.stack || !instance.references.has_exceptions()) continue;
    const auto* at = reinterpret_cast<const uint64_t*>(instance.stack->top);
    const auto* const end = reinterpret_cast<const uint64_t*>(instance.stack->base());
    for (; at < end; ++at) {
      const uint64_t exception = instance.references.exception_of(*at);
      if (exception != 0) named.push_back(exception);
    }
  }
  Roots roots = roots_of_exceptions(execution, top);
  roots.emplace_back(named);
  exceptions_.collect(roots);
  for (Instance& instance : instances_) {
    if (!instance.references.has_exceptions()) continue;
    instance.references.keep_exceptions([this](uint64_t slot) { return exceptions_.has(slot); });
  }
}

Exception* Store::make_exception(const Execution& execution, const Tag& tag,
                                 const uint64_t* payload, const uint64_t* top) {
  if (exceptions_.is_short(tag.slots())) collect_exceptions(execution, top);
  return exceptions_.make(tag, payload);
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
