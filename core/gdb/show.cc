// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/gdb/show.h"

#include <string>
#include <utility>

#include "core/base/check.h"
#include "core/gdb/call_frames.h"
#include "core/gdb/jit_interface.h"
#include "core/gdb/object_file.h"
#include "core/wasm/names.h"

namespace cordon::gdb {
namespace {

// The prefix keeps a guest from giving its functions names that a debugger acts upon (`malloc`,
// `__jit_debug_register_code`) or takes apart (C++'s mangled ones).
std::string symbol_name(std::string_view name, wasm::FuncIdx func) {
  if (name.empty()) return "wasm-function[" + std::to_string(func.value) + "]";
  return "wasm$" + wasm::plain_name(name);
}

std::vector<uint8_t> describe(const wasm::ValidatedModule& module,
                              const runtime::CodeMemory& code) {
  const wasm::Names names(module.module());
  const ByteSpan all = code.code();
  const auto start = reinterpret_cast<uint64_t>(all.data());
  std::vector<Symbol> symbols;
  symbols.reserve(code.funcs() + 1);
  if (const uint32_t bytes = entry_table_bytes(code); bytes > 0) {
    symbols.push_back({"wasm-entry-table", start, bytes});
  }
  for (uint32_t i = 0; i < code.funcs(); ++i) {
    const wasm::FuncIdx func = module.funcs()[i].index();
    symbols.push_back({symbol_name(names.function_name(func), func), start + code.func(i).offset,
                       code.func(i).size});
  }
  return object_file(start, all.size(), symbols, call_frames(code));
}

struct Shown {
  std::shared_ptr<const runtime::CodeMemory> code;
  Registration registration;  // ends first
};

}  // namespace

std::shared_ptr<const runtime::CodeMemory> show(const wasm::ValidatedModule& module,
                                                std::shared_ptr<const runtime::CodeMemory> code) {
  if (code == nullptr) return code;
  CHECK(code->funcs() == module.funcs().size());
  std::vector<uint8_t> object = describe(module, *code);
  const runtime::CodeMemory* const shown = code.get();
  std::shared_ptr<Shown> both(new Shown{std::move(code), Registration(std::move(object))});
  return {std::move(both), shown};
}

}  // namespace cordon::gdb
