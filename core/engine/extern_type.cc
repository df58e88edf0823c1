// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/extern_type.h"

#include <span>

namespace cordon::engine {

namespace {

using runtime::Extern;

std::string list(std::span<const wasm::ValType> types) {
  std::string out = "[";
  for (wasm::ValType type : types) {
    if (out.size() > 1) out += ' ';
    out += wasm::name_of(type);
  }
  return out + "]";
}

std::string describe(wasm::Limits limits) {
  std::string out = "{min " + std::to_string(limits.min);
  if (limits.has_max) out += ", max " + std::to_string(limits.max);
  return out + "}";
}

std::string describe(const wasm::TableType& type) {
  return "table " + describe(type.limits) + " " + std::string(wasm::name_of(type.element));
}

std::string describe(const wasm::MemoryType& type) { return "memory " + describe(type.limits); }

std::string describe(const wasm::GlobalType& type) {
  return std::string("global ") + (type.is_mutable ? "mut " : "") +
         std::string(wasm::name_of(type.value));
}

// Spec §4.5.4.1: the type of a table or memory with its current size as the minimum.
wasm::Limits limits_now(wasm::Limits declared, uint64_t size) {
  declared.min = size;
  return declared;
}

// Spec §3.2.7, and of 3.0 for the addresses.
bool limits_match(wasm::Limits found, wasm::Limits wanted) {
  if (found.min < wanted.min || found.address != wanted.address) return false;
  return !wanted.has_max || (found.has_max && found.max <= wanted.max);
}

// Spec of 3.0 §3.3.13: an immutable global may have a narrower type.
bool matches(const wasm::GlobalType& found, const wasm::GlobalType& wanted) {
  if (found.is_mutable || wanted.is_mutable) return found == wanted;
  return wasm::matches(found.value, wanted.value);
}

const wasm::FuncType& func_type(const wasm::Module& module, const wasm::Import& import) {
  return module.types[module.funcs[import.index].value];
}

const wasm::FuncType& tag_type(const wasm::Module& module, const wasm::Import& import) {
  return module.types[module.tags[import.index].value];
}

std::string describe_tag(const wasm::FuncType& type) { return "tag " + list(type.params); }

}  // namespace

std::string describe(const wasm::FuncType& type) {
  return "func " + list(type.params) + " -> " + list(type.results);
}

bool matches(const wasm::Module& module, const wasm::Import& import, const Extern& found) {
  switch (import.kind) {
    case wasm::ExternKind::Func: {
      auto* func = std::get_if<runtime::Func*>(&found);
      return func != nullptr && *(*func)->type == func_type(module, import);
    }
    case wasm::ExternKind::Table: {
      auto* table = std::get_if<runtime::Table*>(&found);
      if (table == nullptr) return false;
      const wasm::TableType& wanted = module.tables[import.index];
      const wasm::TableType& type = (*table)->type();
      return type.element == wanted.element &&
             limits_match(limits_now(type.limits, (*table)->size()), wanted.limits);
    }
    case wasm::ExternKind::Memory: {
      auto* memory = std::get_if<runtime::Memory*>(&found);
      if (memory == nullptr) return false;
      return limits_match(limits_now((*memory)->type().limits, (*memory)->pages()),
                          module.memories[import.index].limits);
    }
    case wasm::ExternKind::Tag: {
      auto* tag = std::get_if<runtime::Tag*>(&found);
      return tag != nullptr && *(*tag)->type == tag_type(module, import);
    }
    case wasm::ExternKind::Global: break;
  }
  auto* global = std::get_if<runtime::Global*>(&found);
  return global != nullptr && matches((*global)->type, module.globals[import.index].type);
}

std::string describe(const wasm::Module& module, const wasm::Import& import) {
  switch (import.kind) {
    case wasm::ExternKind::Func: return describe(func_type(module, import));
    case wasm::ExternKind::Table: return describe(module.tables[import.index]);
    case wasm::ExternKind::Memory: return describe(module.memories[import.index]);
    case wasm::ExternKind::Tag: return describe_tag(tag_type(module, import));
    case wasm::ExternKind::Global: break;
  }
  return describe(module.globals[import.index].type);
}

std::string describe(const Extern& found) {
  if (auto* func = std::get_if<runtime::Func*>(&found)) return describe(*(*func)->type);
  if (auto* table = std::get_if<runtime::Table*>(&found)) {
    const wasm::TableType& type = (*table)->type();
    return describe(wasm::TableType{type.element, limits_now(type.limits, (*table)->size())});
  }
  if (auto* memory = std::get_if<runtime::Memory*>(&found)) {
    return describe(wasm::MemoryType{limits_now((*memory)->type().limits, (*memory)->pages())});
  }
  if (auto* tag = std::get_if<runtime::Tag*>(&found)) return describe_tag(*(*tag)->type);
  return describe(std::get<runtime::Global*>(found)->type);
}

}  // namespace cordon::engine
