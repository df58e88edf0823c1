// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/instantiate.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/engine/call.h"
#include "core/engine/const_expr.h"
#include "core/engine/diagnostics.h"
#include "core/interp/interpreter.h"
#include "core/runtime/bulk.h"
#include "core/runtime/code/entries.h"

namespace cordon::engine {

namespace {

using runtime::Instance;

void take_imports(Instance& instance, const std::vector<runtime::Extern>& imports) {
  for (const runtime::Extern& item : imports) {
    if (auto* func = std::get_if<runtime::Func*>(&item)) {
      instance.funcs.push_back(*func);
    } else if (auto* table = std::get_if<runtime::Table*>(&item)) {
      instance.tables.push_back(*table);
    } else if (auto* memory = std::get_if<runtime::Memory*>(&item)) {
      instance.memories.push_back(*memory);
    } else if (auto* tag = std::get_if<runtime::Tag*>(&item)) {
      instance.tags.push_back(*tag);
    } else {
      instance.globals.push_back(std::get<runtime::Global*>(item));
    }
  }
}

void make_funcs(runtime::Store& store, Instance& instance) {
  const wasm::ValidatedModule& module = *instance.module;
  instance.type_ids.reserve(module.module().types.size());
  for (const wasm::FuncType& type : module.module().types) {
    instance.type_ids.push_back(store.intern(type));
  }
  instance.funcs.reserve(module.module().funcs.size());
  for (const wasm::ValidatedFunc& code : module.funcs()) {
    instance.funcs.push_back(store.add_func(code, instance));
  }
}

// A tag is named by its first export.
void make_tags(runtime::Store& store, Instance& instance) {
  const wasm::Module& module = instance.module->module();
  std::vector<std::string_view> names(module.tags.size());
  for (const wasm::Export& item : module.exports) {
    if (item.kind != wasm::ExternKind::Tag) continue;
    if (names[item.index].empty()) names[item.index] = item.name;
  }
  for (uint32_t i = module.imported_tags; i < module.tags.size(); ++i) {
    instance.tags.push_back(store.add_tag(module.types[module.tags[i].value], names[i], i));
  }
}

Result<void> make_tables_and_memories(runtime::Store& store, Instance& instance) {
  const wasm::Module& module = instance.module->module();
  for (size_t i = module.imported_tables; i < module.tables.size(); ++i) {
    instance.tables.push_back(TRY(store.add_table(module.tables[i])));
  }
  for (size_t i = module.imported_memories; i < module.memories.size(); ++i) {
    instance.memories.push_back(TRY(store.add_memory(module.memories[i])));
  }
  return {};
}

void make_globals(runtime::Store& store, Instance& instance, ConstEvaluator& evaluator) {
  CHECK(instance.context.has_value());
  const wasm::Module& module = instance.module->module();
  for (size_t i = module.imported_globals; i < module.globals.size(); ++i) {
    const wasm::Global& global = module.globals[i];
    uint64_t* cell = instance.context->global(static_cast<uint32_t>(i));
    std::ranges::copy(evaluator.slots(global.init), cell);
    instance.globals.push_back(store.add_global(global.type, cell));
  }
  instance.global_cells.reserve(instance.globals.size());
  for (const runtime::Global* global : instance.globals) {
    instance.global_cells.push_back(global->cell);
  }
}

void make_segments(Instance& instance, ConstEvaluator& evaluator) {
  const wasm::Module& module = instance.module->module();
  instance.elems.reserve(module.elems.size());
  for (const wasm::ElemSegment& segment : module.elems) {
    std::vector<uint64_t>& values = instance.elems.emplace_back();
    values.reserve(segment.size());
    for (wasm::FuncIdx func : segment.funcs) {
      values.push_back(reinterpret_cast<uint64_t>(instance.funcs[func.value]));
    }
    for (wasm::ConstExpr expr : segment.exprs) values.push_back(evaluator.evaluate(expr));
  }
  instance.datas.reserve(module.datas.size());
  for (const wasm::DataSegment& segment : module.datas) {
    instance.datas.push_back(module.bytes(segment.init));
  }
}

// Steps 12 to 15 of spec §4.5.4: each active segment is an init with the whole segment and a drop,
// each declarative one a drop.
Trap apply_elems(runtime::Execution& execution, Instance& instance, ConstEvaluator& evaluator,
                 uint32_t& segment_index) {
  const auto& segments = instance.module->module().elems;
  for (segment_index = 0; segment_index < segments.size(); ++segment_index) {
    const wasm::ElemSegment& segment = segments[segment_index];
    if (segment.mode == wasm::SegmentMode::Passive) continue;
    if (segment.mode == wasm::SegmentMode::Active) {
      auto to = static_cast<uint32_t>(evaluator.evaluate(segment.offset));
      Trap trap = runtime::table_init(execution, instance, segment_index, segment.table.value, to,
                                      0, segment.size());
      if (trap != Trap::none) return trap;
    }
    runtime::elem_drop(instance, segment_index);
  }
  return Trap::none;
}

Trap apply_datas(runtime::Execution& execution, Instance& instance, ConstEvaluator& evaluator,
                 uint32_t& segment_index) {
  const auto& segments = instance.module->module().datas;
  for (segment_index = 0; segment_index < segments.size(); ++segment_index) {
    const wasm::DataSegment& segment = segments[segment_index];
    if (segment.mode != wasm::SegmentMode::Active) continue;
    auto to = static_cast<uint32_t>(evaluator.evaluate(segment.offset));
    Trap trap = runtime::memory_init(execution, instance, segment_index, to, 0, segment.init.size);
    if (trap != Trap::none) return trap;
    runtime::data_drop(instance, segment_index);
  }
  return Trap::none;
}

Instantiated run_active_parts(runtime::Execution& execution, Instance& instance,
                              ConstEvaluator& evaluator) {
  uint32_t segment = 0;
  if (Trap trap = apply_elems(execution, instance, evaluator, segment); trap != Trap::none) {
    return {&instance, trap, "element segment " + std::to_string(segment), {}};
  }
  if (Trap trap = apply_datas(execution, instance, evaluator, segment); trap != Trap::none) {
    return {&instance, trap, "data segment " + std::to_string(segment), {}};
  }
  if (const auto& start = instance.module->module().start) {
    Trap trap = call(execution, *instance.funcs[start->value], nullptr, nullptr);
    if (trap != Trap::none) return {&instance, trap, "start function", {}};
  }
  return {.instance = &instance};
}

// The instance is interpreted at first.
Result<std::shared_ptr<const Tiering>> let_grow(Instance& instance, const Growing& growing,
                                                size_t stack_bytes) {
  auto feed = TRY(growing.feeds->feed(instance.module, growing.fuel));
  auto tiering =
      TRY(Tiering::create(instance.module, growing.fuel, std::move(feed), growing.thresholds));
  TRY_VOID(Tiering::attach(tiering, instance, stack_bytes));
  return tiering;
}

}  // namespace

Result<Instantiated> instantiate(runtime::Store& store, const LoadedModule& loaded,
                                 const Linker& linker, runtime::Execution& execution) {
  if (!linker.serves(store)) return fail(diag::linker_store, kNoOffset);
  std::vector<runtime::Extern> imports = TRY(linker.resolve(loaded.module->module()));
  Instance& instance = store.add_instance(loaded.module);
  instance.interpret = interp::run_func;
  execution.trace.clear();
  take_imports(instance, imports);
  make_funcs(store, instance);
  make_tags(store, instance);
  TRY_VOID(make_tables_and_memories(store, instance));
  ConstEvaluator evaluator(instance);
  make_globals(store, instance, evaluator);
  if (loaded.code != nullptr) {
    TRY_VOID(runtime::attach_code(instance, loaded.code, execution.frame_bytes()));
  }
  std::shared_ptr<const Tiering> tiering;
  if (loaded.growing) {
    using runtime::Hotness;
    const auto& slice = loaded.growing->thresholds.slice;
    execution.hotness.set_mean_slice(slice.value_or(Hotness::kMeanSlice));
    tiering = TRY(let_grow(instance, *loaded.growing, execution.frame_bytes()));
  }
  make_segments(instance, evaluator);
  Instantiated made = run_active_parts(execution, instance, evaluator);
  if (execution.refused) return Failure(*execution.refused);
  made.tiering = std::move(tiering);
  return made;
}

Result<Instantiated> instantiate(runtime::Store& store,
                                 std::shared_ptr<const wasm::ValidatedModule> module,
                                 const Linker& linker, runtime::Execution& execution) {
  LoadedModule interpreted;
  interpreted.module = std::move(module);
  return instantiate(store, interpreted, linker, execution);
}

}  // namespace cordon::engine
