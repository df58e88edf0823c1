// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/gdb/show.h"

#include <deque>
#include <string>
#include <utility>

#include "core/base/check.h"
#include "core/gdb/call_frames.h"
#include "core/gdb/jit_interface.h"
#include "core/gdb/object_file.h"
#include "core/wasm/names.h"

namespace cordon::gdb {
namespace {

// The prefix prevents a guest from giving its functions names that a debugger acts upon (`malloc`,
// `__jit_debug_register_code`) or demangles (C++'s).
std::string symbol_name(std::string_view name, wasm::FuncIdx func) {
  if (name.empty()) return "wasm-function[" + std::to_string(func.value) + "]";
  return "wasm$" + wasm::plain_name(name);
}

std::vector<uint8_t> describe(const wasm::ValidatedModule& module, const wasm::Names& names,
                              const runtime::CodeUnit& unit) {
  const auto start = reinterpret_cast<uint64_t>(unit.code().data());
  std::vector<Symbol> symbols;
  symbols.reserve(unit.funcs() + size_t{1});
  if (unit.is_entry_table()) symbols.push_back({"wasm-entry-table", start, unit.code().size()});
  for (uint32_t i = 0; i < unit.funcs(); ++i) {
    const wasm::FuncIdx func = module.funcs()[unit.body(i)].index();
    symbols.push_back({symbol_name(names.function_name(func), func), start + unit.func(i).offset,
                       unit.func(i).size});
  }
  return object_file(start, unit.mapping().size(), symbols, call_frames(unit));
}

struct Shown {
  std::shared_ptr<const runtime::CodeSpace> code;
  std::deque<Registration> registrations;  // of units; they are destroyed first
};

}  // namespace

std::shared_ptr<const runtime::CodeSpace> show(const wasm::ValidatedModule& module,
                                               std::shared_ptr<const runtime::CodeSpace> code) {
  if (code == nullptr) return code;
  CHECK(&code->module() == &module.module());
  const wasm::Names names(module.module());
  const auto shown = std::make_shared<Shown>();
  for (const runtime::CodeUnit* unit : code->units()) {
    shown->registrations.emplace_back(describe(module, names, *unit));
  }
  shown->code = std::move(code);
  return {shown, shown->code.get()};
}

}  // namespace cordon::gdb
