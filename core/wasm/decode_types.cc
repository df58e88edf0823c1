// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The sections that declare: types, imports, functions, tables, memories, globals, exports, start
// (spec §5.3, §5.5.4 to §5.5.11).
#include "core/base/hex.h"
#include "core/wasm/decoder.h"
#include "core/wasm/limits.h"
#include "core/wasm/proposals.h"
#include "core/wasm/read_type.h"

namespace cordon::wasm {

namespace {

// The type of a parameter or result, which may be an exception reference in its long form, `(ref
// exn)` or `(ref null exn)`: clauses give the first. Elsewhere the long form is refused.
ValType func_value_type(Cursor& in, Features features) {
  constexpr uint8_t kNullForm = 0x63, kForm = 0x64;
  Cursor ahead = in;
  const uint8_t form = ahead.u8();
  const bool is_exn = ahead.peek() == static_cast<uint8_t>(HeapKind::exn);
  if ((form != kNullForm && form != kForm) || !is_exn || !features.has(Feature::exceptions)) {
    return read_value_type(in, features);
  }
  in.skip(2);
  return ref_type(HeapKind::exn, form == kNullForm);
}

}  // namespace

bool ModuleDecoder::need(Cursor& in, Feature feature, uint32_t offset) {
  if (module_.features.has(feature)) return true;
  fail_feature_off(in, offset, feature);
  return false;
}

std::vector<ValType> ModuleDecoder::value_types(Cursor& in, std::string_view what, uint32_t limit) {
  const uint32_t count = in.count(what, limit);
  std::vector<ValType> types;
  in.reserve(types, count, 1);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    types.push_back(func_value_type(in, module_.features));
  }
  return types;
}

FuncType ModuleDecoder::func_type(Cursor& in) {
  constexpr uint8_t kFuncForm = 0x60;
  const uint32_t start = in.offset();
  const uint8_t form = in.u8();
  if (in.ok() && form != kFuncForm) {
    fail_unknown(in, MarkPlace::TypeForm, form, start, diag::malformed_func_type, hex(form));
  }
  FuncType type;
  type.params = value_types(in, "parameters", kMaxParams);
  const uint32_t results_start = in.offset();
  type.results = value_types(in, "results", kMaxResults);
  if (type.results.size() > 1) need(in, Feature::multi_value, results_start);
  return type;
}

Limits ModuleDecoder::limits(Cursor& in, MarkPlace place) {
  const uint32_t start = in.offset();
  const uint8_t flags = in.u8();
  if (flags > 1) {
    fail_unknown(in, place, flags, start, diag::malformed_limits, hex(flags));
  }
  Limits limits;
  limits.min = in.u32();
  if (flags == 1) {
    limits.has_max = true;
    limits.max = in.u32();
  }
  return limits;
}

TableType ModuleDecoder::table_type(Cursor& in) {
  TableType type;
  type.element = read_ref_type(in, module_.features);
  type.limits = limits(in, MarkPlace::TableFlags);
  return type;
}

GlobalType ModuleDecoder::global_type(Cursor& in) {
  GlobalType type;
  type.value = read_value_type(in, module_.features);
  const uint32_t start = in.offset();
  const uint8_t mutability = in.u8();
  if (mutability > 1) in.fail(diag::malformed_mutability, start, hex(mutability));
  type.is_mutable = mutability == 1;
  return type;
}

void ModuleDecoder::decode_types(Cursor& in) {
  const uint32_t count = in.count("types", kMaxTypes);
  in.reserve(module_.types, count, 3);
  for (uint32_t i = 0; i < count && in.ok(); ++i) module_.types.push_back(func_type(in));
}

void ModuleDecoder::decode_imports(Cursor& in) {
  const uint32_t count = in.count("imports", kMaxImports);
  in.reserve(module_.imports, count, 4);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    Import import{};
    const uint32_t offset = in.offset();
    import.module = in.name();
    import.name = in.name();
    const uint32_t start = in.offset();
    const uint8_t kind = in.u8();
    if (kind > static_cast<uint8_t>(ExternKind::Tag)) {
      fail_unknown(in, MarkPlace::ExternKind, kind, start, diag::malformed_import_kind, hex(kind));
      return;
    }
    import.kind = static_cast<ExternKind>(kind);
    switch (import.kind) {
      case ExternKind::Func:
        import.index = module_.imported_funcs++;
        module_.func_offsets.push_back(offset);
        module_.funcs.push_back({in.u32()});
        break;
      case ExternKind::Table:
        import.index = module_.imported_tables++;
        module_.table_offsets.push_back(offset);
        module_.tables.push_back(table_type(in));
        break;
      case ExternKind::Memory:
        import.index = module_.imported_memories++;
        module_.memory_offsets.push_back(offset);
        module_.memories.push_back({limits(in, MarkPlace::MemoryFlags)});
        break;
      case ExternKind::Global:
        import.index = module_.imported_globals++;
        module_.globals.push_back({global_type(in), {}});
        break;
      case ExternKind::Tag:
        import.index = module_.imported_tags++;
        tag(in, offset);
        break;
    }
    module_.imports.push_back(import);
  }
}

void ModuleDecoder::decode_funcs(Cursor& in) {
  const uint32_t count = in.count("functions", kMaxFuncs);
  in.reserve(module_.funcs, count, 1);
  in.reserve(module_.func_offsets, count, 1);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    module_.func_offsets.push_back(in.offset());
    module_.funcs.push_back({in.u32()});
  }
}

// A second table is a feature of reference types. The limit is on all tables, imports included (JS
// API, "Limits").
void ModuleDecoder::decode_tables(Cursor& in) {
  const uint32_t start = in.offset();
  const uint32_t count = in.count("tables", kMaxTables);
  const uint32_t sum = module_.imported_tables + count;  // both at most 1 000 000
  if (sum > kMaxTables) in.fail_limit(start, std::to_string(sum) + " tables", kMaxTables);
  if (sum > 1) need(in, Feature::reference_types, start);
  in.reserve(module_.tables, count, 3);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    module_.table_offsets.push_back(in.offset());
    constexpr uint8_t kWithInitialValue = 0x40;
    if (in.peek() == kWithInitialValue) {
      fail_unknown(in, MarkPlace::TableForm, kWithInitialValue, in.offset(),
                   diag::malformed_ref_type, hex(kWithInitialValue));
    }
    module_.tables.push_back(table_type(in));
  }
}

// Validation refuses a second memory (spec §3.4.14: "multiple memories").
void ModuleDecoder::decode_memories(Cursor& in) {
  const uint32_t count = in.count("memories", kAnyCount);
  in.reserve(module_.memories, count, 2);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    module_.memory_offsets.push_back(in.offset());
    module_.memories.push_back({limits(in, MarkPlace::MemoryFlags)});
  }
}

// The attribute 0 means an exception; no other is defined.
void ModuleDecoder::tag(Cursor& in, uint32_t offset) {
  const uint32_t start = in.offset();
  if (const uint8_t attribute = in.u8(); attribute != 0) {
    in.fail(diag::malformed_tag, start, hex(attribute));
  }
  module_.tag_offsets.push_back(offset);
  module_.tags.push_back({in.u32()});
  need(in, Feature::exceptions, offset);
}

void ModuleDecoder::decode_tags(Cursor& in) {
  need(in, Feature::exceptions, in.offset());
  const uint32_t count = in.count("tags", kMaxTags);
  in.reserve(module_.tags, count, 2);
  for (uint32_t i = 0; i < count && in.ok(); ++i) tag(in, in.offset());
}

void ModuleDecoder::decode_globals(Cursor& in) {
  const uint32_t count = in.count("globals", kMaxGlobals);
  in.reserve(module_.globals, count, 3);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    const GlobalType type = global_type(in);
    module_.globals.push_back({type, const_expr(in)});
  }
}

void ModuleDecoder::decode_exports(Cursor& in) {
  const uint32_t count = in.count("exports", kMaxExports);
  in.reserve(module_.exports, count, 3);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    const uint32_t offset = in.offset();
    const std::string_view name = in.name();
    const uint32_t start = in.offset();
    const uint8_t kind = in.u8();
    if (kind > static_cast<uint8_t>(ExternKind::Tag)) {
      fail_unknown(in, MarkPlace::ExternKind, kind, start, diag::malformed_export_kind, hex(kind));
      return;
    }
    module_.exports.push_back({name, static_cast<ExternKind>(kind), in.u32(), offset});
  }
}

void ModuleDecoder::decode_start(Cursor& in) {
  module_.start_offset = in.offset();
  module_.start = FuncIdx{in.u32()};
}

}  // namespace cordon::wasm
