// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/instance.h"

namespace cordon::runtime {

Extern Instance::extern_at(wasm::ExternKind kind, uint32_t index) const {
  switch (kind) {
    case wasm::ExternKind::Func: return funcs[index];
    case wasm::ExternKind::Table: return tables[index];
    case wasm::ExternKind::Memory: return memories[index];
    case wasm::ExternKind::Tag: return tags[index];
    case wasm::ExternKind::Global: break;
  }
  return globals[index];
}

std::optional<Extern> Instance::find_export(std::string_view name) const {
  for (const wasm::Export& candidate : module->module().exports) {
    if (candidate.name == name) return extern_at(candidate.kind, candidate.index);
  }
  return std::nullopt;
}

}  // namespace cordon::runtime
