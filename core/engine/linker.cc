// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/linker.h"

#include "core/engine/diagnostics.h"
#include "core/engine/extern_type.h"
#include "core/engine/import_hints.h"

namespace cordon::engine {

void Linker::define(std::string_view module, std::string_view name, runtime::Extern what) {
  auto fields = modules_.find(module);
  if (fields == modules_.end()) fields = modules_.emplace(std::string(module), Fields()).first;
  fields->second.insert_or_assign(std::string(name), what);
}

void Linker::define_func(std::string_view module, std::string_view name, const wasm::FuncType& type,
                         runtime::HostFn fn, void* env) {
  define(module, name, store_.add_host_func(type, fn, env));
}

void Linker::define_instance(std::string_view module, const runtime::Instance& instance) {
  for (const wasm::Export& item : instance.module->module().exports) {
    define(module, item.name, instance.extern_at(item.kind, item.index));
  }
}

const runtime::Extern* Linker::find(std::string_view module, std::string_view name) const {
  auto fields = modules_.find(module);
  if (fields == modules_.end()) return nullptr;
  auto field = fields->second.find(name);
  return field == fields->second.end() ? nullptr : &field->second;
}

Result<std::vector<runtime::Extern>> Linker::resolve(const wasm::Module& module) const {
  std::vector<runtime::Extern> resolved;
  resolved.reserve(module.imports.size());
  for (const wasm::Import& import : module.imports) {
    std::string names =
        "\"" + std::string(import.module) + "\" \"" + std::string(import.name) + "\"";
    const runtime::Extern* found = find(import.module, import.name);
    if (found == nullptr) {
      names += ": " + describe(module, import);
      const std::string_view hint = import_hint(import.module, import.name);
      if (!hint.empty()) ((names += " (") += hint) += ')';
      return fail(diag::unknown_import, kNoOffset, names);
    }
    if (!store_.owns(*found)) {
      return fail(diag::incompatible_import, kNoOffset,
                  names + ": " + describe(*found) + " of another store");
    }
    if (!matches(module, import, *found)) {
      return fail(diag::incompatible_import, kNoOffset,
                  names + ": expected " + describe(module, import) + ", found " + describe(*found));
    }
    resolved.push_back(*found);
  }
  return resolved;
}

}  // namespace cordon::engine
