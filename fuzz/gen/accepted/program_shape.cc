// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/gen/accepted/program_shape.h"

#include <algorithm>

#include "tests/kit/module_builder.h"

namespace cordon::fuzz::accepted {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;

namespace {

constexpr wasm::Limits kFuncTable{6, 20, true}, kExternTable{5, 12, true}, kPages{1, 3, true};

struct HostFunc {
  const char* name;
  uint8_t type;
};
constexpr HostFunc kHostFuncs[] = {
#define HOST_FUNC(name, type) {#name, type},
#include "fuzz/gen/accepted/host_funcs.def"
};

bool often(Choices& choices) { return choices.below(4) != 0; }
bool now_and_then(Choices& choices) { return choices.below(2) == 1; }

void import_host_funcs(ModuleShape& shape, Choices& choices) {
  for (const HostFunc& func : kHostFuncs) {
    if (now_and_then(choices)) {
      shape.imports.push_back({"host", func.name, ExternKind::Func, func.type});
    }
  }
}

void import_funcs(ModuleShape& shape, const ModuleShape& from, bool numeric, Choices& choices) {
  for (size_t i = 0; i < from.funcs.size(); ++i) {
    if ((numeric && !is_numeric(from.funcs[i])) || !now_and_then(choices)) continue;
    shape.imports.push_back({from.name, "f" + std::to_string(i), ExternKind::Func, from.funcs[i]});
  }
}

void import_what_party_shares(ModuleShape& shape, const ModuleShape& from, Choices& choices) {
  if (often(choices)) {
    shape.imports.push_back({from.name, "tf", ExternKind::Table, 0, {funcref, kFuncTable}});
  }
  if (often(choices)) {
    shape.imports.push_back({from.name, "te", ExternKind::Table, 0, {externref, kExternTable}});
  }
  for (const OwnGlobal& global : kOwnGlobals) {
    if (global.export_name == nullptr || !now_and_then(choices)) continue;
    shape.imports.push_back(
        {from.name, global.export_name, ExternKind::Global, 0, {}, global.type});
  }
  const bool has_memory = std::any_of(shape.imports.begin(), shape.imports.end(),
                                      [](auto& each) { return each.kind == ExternKind::Memory; });
  if (!has_memory && choices.below(4) == 3) {
    shape.imports.push_back({from.name, "m", ExternKind::Memory});
  }
}

std::vector<ImportShape> by_kind(const std::vector<ImportShape>& imports) {
  std::vector<ImportShape> sorted;
  for (const ExternKind kind :
       {ExternKind::Func, ExternKind::Table, ExternKind::Memory, ExternKind::Global}) {
    std::copy_if(imports.begin(), imports.end(), std::back_inserter(sorted),
                 [kind](const ImportShape& item) { return item.kind == kind; });
  }
  return sorted;
}

void add_module(ProgramShape& program, std::string name, Role role, bool native, Choices& choices) {
  ModuleShape shape;
  shape.name = std::move(name);
  shape.role = role;
  shape.group = static_cast<uint8_t>(role);
  shape.native = native;
  if (role == Role::Doomed) {
    shape.doom = static_cast<Doom>(choices.below(3));
    if (now_and_then(choices)) shape.group = 0;
  }
  shape.rotation = static_cast<uint8_t>(choices.below(kTypes.size()));
  const uint32_t funcs = 2 + choices.below(3);
  for (uint32_t i = 0; i < funcs; ++i) {
    shape.funcs.push_back(static_cast<uint8_t>(choices.below(kTypes.size())));
  }
  shape.funcs[0] = 0;
  shape.has_start = choices.below(4) == 3;
  import_host_funcs(shape, choices);
  for (const ModuleShape& other : program.modules) {
    if (other.role != Role::Party && other.role != Role::Loner) continue;
    const bool together = other.group == shape.group;
    import_funcs(shape, other, !together, choices);
    if (together) import_what_party_shares(shape, other, choices);
  }
  // Host functions that only this module is given.
  if (role == Role::Bystander || role == Role::Doomed) {
    shape.imports.push_back({"host", "hidden", ExternKind::Func, 0});
  }
  shape.imports = by_kind(shape.imports);
  program.modules.push_back(std::move(shape));
}

WasmBytes initial_value(const OwnGlobal& global, uint32_t first_func) {
  switch (global.type.value) {
    case i32: return WasmBytes().i32_const(kCallBudget);
    case i64: return WasmBytes().i64_const(7);
    case f32: return WasmBytes().f32_const(1.5);
    case f64: return WasmBytes().f64_const(0.25);
    case funcref: return WasmBytes().op(wasm::Op::ref_func).u32(first_func);
    case wasm::ValType::v128: return WasmBytes().v128_const({1, 2});
    case externref:
    case wasm::ValType::exnref: break;
  }
  return WasmBytes().op(wasm::Op::ref_null).type(externref);
}

void write_imports(ModuleBuilder& module, const ModuleShape& shape) {
  for (const ImportShape& item : shape.imports) {
    switch (item.kind) {
      case ExternKind::Func: module.import_func(item.module, item.name, kTypes[item.type]); break;
      case ExternKind::Table: module.import_table(item.module, item.name, item.table); break;
      case ExternKind::Memory: module.import_memory(item.module, item.name, kPages); break;
      case ExternKind::Global: module.import_global(item.module, item.name, item.global); break;
      case ExternKind::Tag: break;
    }
  }
}

uint32_t count_of(const ModuleShape& shape, ExternKind kind) {
  return static_cast<uint32_t>(std::count_if(shape.imports.begin(), shape.imports.end(),
                                             [&](auto& each) { return each.kind == kind; }));
}

void write_funcs(ModuleBuilder& module, const ModuleShape& shape,
                 const std::vector<WasmBytes>& bodies) {
  for (size_t i = 0; i < shape.funcs.size(); ++i) {
    const uint32_t func = module.func(
        kTypes[shape.funcs[i]], bodies.empty() ? WasmBytes().op(wasm::Op::unreachable) : bodies[i]);
    module.export_("f" + std::to_string(i), ExternKind::Func, func);
  }
}

void write_memory_and_tables(ModuleBuilder& module, const ModuleShape& shape) {
  const bool imported = count_of(shape, ExternKind::Memory) != 0;
  const uint32_t memory = imported ? 0 : module.memory(kPages);
  module.export_("m", ExternKind::Memory, memory);
  const bool too_large = shape.role == Role::Doomed && shape.doom == Doom::Table;
  const wasm::Limits limits = too_large ? wasm::Limits{kMaxTableElements + 1} : kFuncTable;
  module.export_("tf", ExternKind::Table, module.table({funcref, limits}));
  module.export_("te", ExternKind::Table, module.table({externref, kExternTable}));
  module.table({funcref, {3, 3, true}});
}

// Passive ones of each type, and active ones that fill the first shared table and the module's own.
void write_segments(ModuleBuilder& module, const ModuleShape& shape, uint32_t first, uint32_t end) {
  WasmBytes all;
  all.u32(1).u8(0).u32(end);
  for (uint32_t i = 0; i < end; ++i) all.u32(i);
  module.raw_elem(all);
  WasmBytes nulls;
  nulls.u32(5).type(externref).u32(3);
  for (int i = 0; i < 3; ++i) nulls.op(wasm::Op::ref_null).type(externref).end();
  module.raw_elem(nulls);
  const auto fill = [&](uint32_t table, int32_t at, uint32_t from) {
    WasmBytes segment;
    segment.u32(2).u32(table).i32_const(at).end().u8(0).u32(end - from);
    for (uint32_t i = from; i < end; ++i) segment.u32(i);
    module.raw_elem(segment);
  };
  fill(count_of(shape, ExternKind::Table), 0, first);
  const auto& imports = shape.imports;
  const auto shared = std::find_if(imports.begin(), imports.end(), [](const ImportShape& item) {
    return item.kind == ExternKind::Table && item.table.element == funcref;
  });
  if (shared != imports.end()) {
    const auto table = shared - std::find_if(imports.begin(), imports.end(), [](auto& item) {
                         return item.kind == ExternKind::Table;
                       });
    fill(static_cast<uint32_t>(table), shape.rotation % 4, end - 2);
  }
  module.with_data_count();
  module.passive_data("some bytes of a passive segment");
  module.data(1024, "a bystander's own bytes");
  if (shape.role == Role::Doomed && shape.doom == Doom::Data) module.data(-8, "out of bounds");
}

}  // namespace

bool is_numeric(uint8_t type) {
  const auto no_refs = [](const std::vector<wasm::ValType>& types) {
    return std::none_of(types.begin(), types.end(), wasm::is_ref);
  };
  return no_refs(kTypes[type].params) && no_refs(kTypes[type].results);
}

ProgramShape draw_program_shape(Choices& choices) {
  ProgramShape program;
  program.fuel = now_and_then(choices);
  program.wild = choices.of(kWildness);
  program.guesses = program.wild != 0 && choices.below(4) == 3;
  program.daring = choices.below(8) == 7;
  if (now_and_then(choices)) {
    add_module(program, "bystander", Role::Bystander, choices.below(4) == 3, choices);
  }
  add_module(program, "p0", Role::Party, true, choices);
  if (choices.below(4) == 3) {
    add_module(program, "doomed", Role::Doomed, now_and_then(choices), choices);
  }
  if (often(choices)) add_module(program, "p1", Role::Party, now_and_then(choices), choices);
  if (now_and_then(choices)) add_module(program, "loner", Role::Loner, often(choices), choices);
  if (choices.below(4) == 3) {
    add_module(program, "p2", Role::Party, now_and_then(choices), choices);
  }
  return program;
}

std::vector<uint8_t> module_bytes(const ModuleShape& shape, const std::vector<WasmBytes>& bodies) {
  ModuleBuilder module;
  for (size_t i = 0; i < kTypes.size(); ++i) {
    module.type(kTypes[(i + shape.rotation) % kTypes.size()]);
  }
  write_imports(module, shape);
  const uint32_t first = count_of(shape, ExternKind::Func);
  const uint32_t end = first + static_cast<uint32_t>(shape.funcs.size());
  write_funcs(module, shape, bodies);
  write_memory_and_tables(module, shape);
  for (const OwnGlobal& global : kOwnGlobals) {
    const uint32_t index = module.global(global.type, initial_value(global, first));
    if (global.export_name != nullptr) {
      module.export_(global.export_name, ExternKind::Global, index);
    }
  }
  write_segments(module, shape, first, end);
  const bool dies = shape.role == Role::Doomed && shape.doom == Doom::Start;
  if (shape.has_start || dies) module.start(first);
  return module.build();
}

}  // namespace cordon::fuzz::accepted
