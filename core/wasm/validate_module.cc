// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// validate_module and all its sections but the code (spec §3.4). Later checks rely on earlier ones:
// types of functions are in range before anything uses them, and imports come first.
#include "core/wasm/validate_module.h"

#include <algorithm>
#include <string>

#include "core/wasm/limits.h"
#include "core/wasm/proposals.h"

namespace cordon::wasm {

namespace {

Result<void> in_range(const DiagnosticKind& kind, uint32_t index, size_t size, uint32_t offset) {
  if (index < size) return {};
  return fail(kind, offset, std::to_string(index));
}

// Spec §3.2.1, except for the bound, which differs between memories and tables.
Result<void> ordered(const Limits& limits, uint32_t offset) {
  if (!limits.has_max || limits.min <= limits.max) return {};
  return fail(diag::minimum_over_maximum, offset,
              std::to_string(limits.min) + " and " + std::to_string(limits.max));
}

}  // namespace

ModuleValidator::ModuleValidator(Module module, FuncValidator::Maker make)
    : validated_(new ValidatedModule(std::move(module))),
      module_(validated_->module_),
      declared_(module_.funcs.size()),
      const_expr_(module_, declared_),
      make_(make) {}

Result<std::unique_ptr<const ValidatedModule>> ModuleValidator::validate(unsigned threads) {
  TRY_VOID(imports());
  TRY_VOID(funcs());
  TRY_VOID(tables());
  TRY_VOID(memories());
  TRY_VOID(tags());
  TRY_VOID(globals());
  TRY_VOID(exports());
  TRY_VOID(start());
  TRY_VOID(elems());
  TRY_VOID(bodies(threads));
  TRY_VOID(datas());
  return std::unique_ptr<const ValidatedModule>(std::move(validated_));
}

// Declarations

Result<void> ModuleValidator::imports() {
  for (const Import& import : module_.imports) {
    switch (import.kind) {
      case ExternKind::Func: TRY_VOID(func(import.index)); break;
      case ExternKind::Table: TRY_VOID(table(import.index)); break;
      case ExternKind::Memory: TRY_VOID(memory(import.index)); break;
      case ExternKind::Global: break;
      case ExternKind::Tag: TRY_VOID(tag(import.index)); break;
    }
  }
  return {};
}

Result<void> ModuleValidator::func(uint32_t index) {
  return in_range(diag::unknown_type, module_.funcs[index].value, module_.types.size(),
                  module_.func_offsets[index]);
}

Result<void> ModuleValidator::funcs() {
  for (uint32_t i = module_.imported_funcs; i < module_.funcs.size(); ++i) TRY_VOID(func(i));
  return {};
}

Result<void> ModuleValidator::table(uint32_t index) {
  return ordered(module_.tables[index].limits, module_.table_offsets[index]);
}

Result<void> ModuleValidator::tables() {
  for (uint32_t i = module_.imported_tables; i < module_.tables.size(); ++i) TRY_VOID(table(i));
  return {};
}

Result<void> ModuleValidator::memory(uint32_t index) {
  const uint32_t offset = module_.memory_offsets[index];
  if (index >= kMaxMemories) return fail(diag::lacks_multi_memory, offset, "a second one");
  const Limits& limits = module_.memories[index].limits;
  TRY_VOID(ordered(limits, offset));
  const uint64_t most = limits.has_max ? limits.max : limits.min;
  if (most > kMaxMemoryPages) return fail(diag::memory_too_large, offset, std::to_string(most));
  return {};
}

Result<void> ModuleValidator::memories() {
  for (uint32_t i = module_.imported_memories; i < module_.memories.size(); ++i) {
    TRY_VOID(memory(i));
  }
  return {};
}

Result<void> ModuleValidator::tag(uint32_t index) {
  const uint32_t type = module_.tags[index].value, offset = module_.tag_offsets[index];
  TRY_VOID(in_range(diag::unknown_type, type, module_.types.size(), offset));
  if (module_.types[type].results.empty()) return {};
  return fail(diag::tag_results, offset);
}

Result<void> ModuleValidator::tags() {
  for (uint32_t i = module_.imported_tags; i < module_.tags.size(); ++i) TRY_VOID(tag(i));
  return {};
}

Result<void> ModuleValidator::globals() {
  for (uint32_t i = module_.imported_globals; i < module_.globals.size(); ++i) {
    TRY_VOID(const_expr_.validate(module_.globals[i].init, module_.globals[i].type.value));
  }
  return {};
}

// Exports and start

Result<void> ModuleValidator::exports() {
  Result<void> names = export_names();
  for (const Export& item : module_.exports) {
    const uint32_t offset = item.offset_in_module;
    if (!names && names.error().offset <= offset) return names;
    switch (item.kind) {
      case ExternKind::Func:
        TRY_VOID(in_range(diag::unknown_function, item.index, module_.funcs.size(), offset));
        declared_[item.index] = true;
        break;
      case ExternKind::Table:
        TRY_VOID(in_range(diag::unknown_table, item.index, module_.tables.size(), offset));
        break;
      case ExternKind::Memory:
        TRY_VOID(in_range(diag::unknown_memory, item.index, module_.memories.size(), offset));
        break;
      case ExternKind::Global:
        TRY_VOID(in_range(diag::unknown_global, item.index, module_.globals.size(), offset));
        break;
      case ExternKind::Tag:
        TRY_VOID(in_range(diag::unknown_tag, item.index, module_.tags.size(), offset));
        break;
    }
  }
  return {};
}

// The first export whose name an earlier one has. Sorted, not hashed, since names are chosen by the
// module's author, who may be an attacker ([L1]).
Result<void> ModuleValidator::export_names() {
  const std::vector<Export>& all = module_.exports;
  std::vector<uint32_t> order(all.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](uint32_t a, uint32_t b) {
    const std::string_view left = all[a].name, right = all[b].name;
    if (left.size() != right.size()) return left.size() < right.size();
    const int compared = left.compare(right);
    return compared != 0 ? compared < 0 : a < b;
  });
  uint32_t first = static_cast<uint32_t>(all.size());
  for (size_t i = 1; i < order.size(); ++i) {
    if (all[order[i - 1]].name == all[order[i]].name) first = std::min(first, order[i]);
  }
  if (first == all.size()) return {};
  return fail(diag::duplicate_export, all[first].offset_in_module, std::to_string(first));
}

Result<void> ModuleValidator::start() {
  if (!module_.start) return {};
  const uint32_t index = module_.start->value;
  TRY_VOID(in_range(diag::unknown_function, index, module_.funcs.size(), module_.start_offset));
  if (module_.types[module_.funcs[index].value] == FuncType{}) return {};
  return fail(diag::start_function, module_.start_offset, std::to_string(index));
}

// Segments

Result<void> ModuleValidator::elem(const ElemSegment& segment) {
  const uint32_t offset = segment.offset_in_module;
  if (segment.mode == SegmentMode::Active) {
    TRY_VOID(in_range(diag::unknown_table, segment.table.value, module_.tables.size(), offset));
    TRY_VOID(const_expr_.validate(segment.offset, ValType::i32));
    const ValType element = module_.tables[segment.table.value].element;
    if (!matches(segment.type, element)) {
      return fail(diag::type_mismatch, offset,
                  "a segment of " + std::string(name_of(segment.type)) + ", a table of " +
                      std::string(name_of(element)));
    }
  }
  for (FuncIdx item : segment.funcs) {
    TRY_VOID(in_range(diag::unknown_function, item.value, module_.funcs.size(), offset));
    declared_[item.value] = true;
  }
  for (const ConstExpr& item : segment.exprs) TRY_VOID(const_expr_.validate(item, segment.type));
  return {};
}

Result<void> ModuleValidator::elems() {
  for (const ElemSegment& segment : module_.elems) TRY_VOID(elem(segment));
  return {};
}

Result<void> ModuleValidator::data(const DataSegment& segment) {
  if (segment.mode != SegmentMode::Active) return {};
  TRY_VOID(in_range(diag::unknown_memory, segment.memory.value, module_.memories.size(),
                    segment.offset_in_module));
  return const_expr_.validate(segment.offset, ValType::i32);
}

Result<void> ModuleValidator::datas() {
  for (const DataSegment& segment : module_.datas) TRY_VOID(data(segment));
  return {};
}

Result<std::unique_ptr<const ValidatedModule>> validate_module(Module module, unsigned threads) {
  return ModuleValidator(std::move(module), FuncValidator::make).validate(threads);
}

}  // namespace cordon::wasm
