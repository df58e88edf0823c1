// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/names.h"

#include <algorithm>

#include "core/wasm/limits.h"

namespace cordon::wasm {
namespace {

enum SubsectionId : uint8_t { kModuleName = 0, kFunctionNames = 1, kLocalNames = 2 };

template <class Entry>
const Entry* find(const std::vector<Entry>& entries, uint32_t func) {
  const auto found =
      std::lower_bound(entries.begin(), entries.end(), func,
                       [](const Entry& entry, uint32_t index) { return entry.func < index; });
  return found != entries.end() && found->func == func ? &*found : nullptr;
}

// Indices in a name map ascend (spec §7.4.1), so none repeats. An index that does not ascend, or is
// not one of the module's functions, ends the map: this bounds the memory.
template <class Entry>
bool is_next(const std::vector<Entry>& entries, uint32_t func, size_t funcs) {
  return func < funcs && (entries.empty() || entries.back().func < func);
}

}  // namespace

std::string plain_name(std::string_view name) {
  constexpr size_t kMaxShown = 200;
  std::string plain(name.substr(0, kMaxShown));
  for (char& c : plain) c = c >= ' ' && c <= '~' ? c : '_';
  return plain;
}

Names::Names(const Module& module) : module_(module) {
  const auto section = std::find_if(module.customs.begin(), module.customs.end(),
                                    [](const CustomSection& s) { return s.name == "name"; });
  if (section == module.customs.end()) return;
  Cursor in(module.bytes(), section->range);
  while (in.ok() && !in.at_end()) {
    const uint8_t id = in.u8();
    const uint32_t size = in.u32();
    Cursor part = in.sub(size);
    if (!in.ok()) return;
    if (id == kModuleName) module_name_ = part.name();
    if (id == kFunctionNames) read_functions(part);
    if (id == kLocalNames) read_locals(part);
  }
}

void Names::read_functions(Cursor& in) {
  const uint32_t count = in.count("function names", kAnyCount);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    const uint32_t func = in.u32();
    const std::string_view name = in.name();
    if (!in.ok() || !is_next(functions_, func, module_.funcs.size())) return;
    functions_.push_back({func, name});
  }
}

void Names::read_locals(Cursor& in) {
  const uint32_t count = in.count("functions with names of locals", kAnyCount);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    const uint32_t func = in.u32();
    const uint32_t start = in.offset();
    const uint32_t names = in.count("names of locals", kMaxLocals);
    for (uint32_t k = 0; k < names && in.ok(); ++k) {
      in.u32();
      in.name();
    }
    if (!in.ok() || !is_next(locals_, func, module_.funcs.size())) return;
    locals_.push_back({func, in.range_from(start)});
  }
}

std::string_view Names::function_name(FuncIdx func) const {
  const FunctionName* entry = find(functions_, func.value);
  return entry == nullptr ? std::string_view{} : entry->name;
}

std::string_view Names::local_name(FuncIdx func, LocalIdx local) const {
  const FunctionLocals* entry = find(locals_, func.value);
  if (entry == nullptr) return {};
  Cursor in(module_.bytes(), entry->map);
  const uint32_t count = in.count("names of locals", kMaxLocals);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    const uint32_t index = in.u32();
    const std::string_view name = in.name();
    if (index == local.value) return name;
  }
  return {};
}

}  // namespace cordon::wasm
