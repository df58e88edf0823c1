// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [B1] What each letter of a builtin's signature (builtins.def) asks of its argument.
#include <algorithm>
#include <string_view>

#include "core/abi/module_plan.h"
#include "core/verify/layout.h"
#include "core/verify/rules.h"

namespace cordon::verify {
namespace {

// What the rows of a letter look at.
struct Call {
  const wasm::Module& module;
  uint32_t frame_size;
  uint32_t index = 0;                           // the letter's constant, if it asks for one
  bool is_u32 = false;                          // its register, if it has one
  std::optional<wasm::ValType> element = {};    // of the T before
  const wasm::FuncType* import_type = nullptr;  // of the I before
};

bool is_global(const Call& call) {
  return call.index < call.module.globals.size() &&
         abi::global_access(call.module, call.index) == abi::Access::Host;
}
bool has_slots(const Call& call) {
  if (call.import_type == nullptr) return false;
  const size_t params = call.import_type->params.size(), results = call.import_type->results.size();
  return uint64_t{8} * std::max(params, results) <= call.frame_size;
}

// One thing that must hold, and the rule that is broken if it does not. The rows of a letter are
// asked in this order, so a later one may rely on an earlier one.
constexpr struct {
  char letter;
  const DiagnosticKind& rule;
  bool (*holds)(const Call&);
} kRows[] = {
    {'F', rule::builtin_function, [](auto& c) { return c.index < c.module.funcs.size(); }},
    {'I', rule::builtin_function, [](auto& c) { return c.index < c.module.imported_funcs; }},
    {'T', rule::builtin_table, [](auto& c) { return c.index < c.module.tables.size(); }},
    {'U', rule::builtin_table, [](auto& c) { return c.index < c.module.tables.size(); }},
    {'U', rule::builtin_type,
     [](auto& c) { return c.element == c.module.tables[c.index].element; }},
    {'D', rule::builtin_segment, [](auto& c) { return c.index < c.module.datas.size(); }},
    {'E', rule::builtin_segment, [](auto& c) { return c.index < c.module.elems.size(); }},
    {'E', rule::builtin_type,
     [](auto& c) { return !c.element || c.element == c.module.elems[c.index].type; }},
    {'G', rule::builtin_global, is_global},
    {'W', rule::builtin_global, is_global},
    {'W', rule::builtin_global, [](auto& c) { return c.module.globals[c.index].type.is_mutable; }},
    {'i', rule::call_argument, [](auto& c) { return c.is_u32; }},
    {'l', rule::call_argument, [](auto&) { return true; }},
    // A handle: whatever number it is, the builtin looks it up ([R1]).
    {'r', rule::call_argument, [](auto&) { return true; }},
    {'M', rule::builtin_memory, [](auto& c) { return !c.module.memories.empty(); }},
    {'S', rule::builtin_slots, has_slots},
    // What it is given is only good in the sequence of call_indirect.
    {'X', rule::foreign_entered, [](auto&) { return false; }},
};

constexpr bool is_one_of(char letter, std::string_view letters) {
  return letters.find(letter) != std::string_view::npos;
}

// A letter without a row is refused, never taken for "nothing to check".
const DiagnosticKind* broken_by(char letter, const Call& call) {
  const DiagnosticKind* broken = &rule::call_memory;
  for (const auto& row : kRows) {
    if (row.letter != letter) continue;
    if (!row.holds(call)) return &row.rule;
    broken = nullptr;
  }
  return broken;
}

}  // namespace

const DiagnosticKind* Layout::broken_by_call(abi::Builtin builtin, const Constants& constants,
                                             RegSet u32, uint32_t frame_size) const {
  Call call{*module_, frame_size};
  const std::string_view signature = abi::kBuiltins[static_cast<size_t>(builtin)].signature;
  size_t next = 0;  // of abi::kBuiltinParams
  for (const char letter : signature.substr(0, signature.find(':'))) {
    if (is_one_of(letter, "FITUDEGW")) {
      if (next >= constants.size() || !constants[next]) return &rule::builtin_constant;
      call.index = *constants[next];
    }
    if (!is_one_of(letter, "MSX")) {
      if (next >= abi::kBuiltinParams.size()) return &rule::call_memory;
      call.is_u32 = (u32 >> abi::kBuiltinParams[next++] & 1) != 0;
    }
    if (const DiagnosticKind* broken = broken_by(letter, call)) return broken;
    if (letter == 'T') call.element = module_->tables[call.index].element;
    if (letter == 'I') call.import_type = &module_->types[module_->funcs[call.index].value];
  }
  return nullptr;
}

}  // namespace cordon::verify
