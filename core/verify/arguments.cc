// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/verify/arguments.h"

#include <algorithm>
#include <string_view>

#include "core/abi/module_plan.h"
#include "core/verify/rules.h"

namespace cordon::verify {
namespace {

// What a letter's rows look at. Null: the signature has named no such thing so far.
struct Call {
  const wasm::Module& module;
  uint32_t frame_size;
  Argument argument = {};                   // of this letter, if it takes a register
  uint32_t index = 0;                       // its constant, if the letter asks for one
  const wasm::TableType* table = nullptr;   // of the T before
  const wasm::FuncType* import_ = nullptr;  // the type of the I before
};

// One thing that must hold of a letter, and the rule that is broken if it does not.
struct Row {
  char letter;
  const DiagnosticKind& rule;
  bool (*holds)(const Call&);
};
constexpr std::string_view kConstants = "FITUDEGW", kWithoutRegister = "MSX";

constexpr bool is_one_of(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}

bool is_any(const Call&) { return true; }
bool is_function(const Call& call) { return call.index < call.module.funcs.size(); }
bool is_import(const Call& call) { return call.index < call.module.imported_funcs; }
bool is_table(const Call& call) { return call.index < call.module.tables.size(); }
bool is_data(const Call& call) { return call.index < call.module.datas.size(); }
bool is_elem(const Call& call) { return call.index < call.module.elems.size(); }
bool has_memory(const Call& call) { return !call.module.memories.empty(); }

bool is_table_like_it(const Call& call) {
  return call.table != nullptr && call.module.tables[call.index].element == call.table->element;
}
bool is_elem_like_it(const Call& call) {
  return call.table == nullptr || call.module.elems[call.index].type == call.table->element;
}
bool is_global(const Call& call) {
  return call.index < call.module.globals.size() &&
         abi::global_access(call.module, call.index) == abi::Access::Host;
}
bool is_mutable(const Call& call) { return call.module.globals[call.index].type.is_mutable; }
bool has_slots(const Call& call) {
  if (call.import_ == nullptr) return false;
  const size_t slots = std::max(call.import_->params.size(), call.import_->results.size());
  return uint64_t{8} * slots <= call.frame_size;
}

// A letter's rows are asked in this order, so that a later one may rely on an earlier one.
constexpr Row kRows[] = {
    {'F', rule::builtin_function, is_function},
    {'I', rule::builtin_function, is_import},
    {'T', rule::builtin_table, is_table},
    {'U', rule::builtin_table, is_table},
    {'U', rule::builtin_type, is_table_like_it},
    {'D', rule::builtin_segment, is_data},
    {'E', rule::builtin_segment, is_elem},
    {'E', rule::builtin_type, is_elem_like_it},
    {'G', rule::builtin_global, is_global},
    {'W', rule::builtin_global, is_global},
    {'W', rule::builtin_global, is_mutable},
    {'i', rule::call_argument, [](const Call& call) { return call.argument.is_u32; }},
    {'l', rule::call_argument, is_any},
    // A handle: whatever number it is, the builtin looks it up ([R1]).
    {'r', rule::call_argument, is_any},
    {'M', rule::builtin_memory, has_memory},
    {'S', rule::builtin_slots, has_slots},
    // Its FuncView* is only good in the sequence of call_indirect.
    {'X', rule::foreign_entered, [](const Call&) { return false; }},
};

constexpr std::string_view arguments_of(std::string_view signature) {
  return signature.substr(0, signature.find(':'));
}

// The first rule that one letter's argument breaks. A letter without a row is none to be trusted.
const DiagnosticKind* broken_by(char letter, const Call& call) {
  bool known = false;
  for (const Row& row : kRows) {
    if (row.letter != letter) continue;
    if (!row.holds(call)) return &row.rule;
    known = true;
  }
  return known ? nullptr : &rule::call_memory;
}

// Every letter has a row, and there are registers for all.
consteval bool signatures_are_known() {
  for (const abi::BuiltinRow& builtin : abi::kBuiltins) {
    size_t registers = 0;
    for (const char letter : arguments_of(builtin.signature)) {
      const auto has_row = [&](const Row& row) { return row.letter == letter; };
      if (std::none_of(std::begin(kRows), std::end(kRows), has_row)) return false;
      registers += !is_one_of(kWithoutRegister, letter);
    }
    if (registers > abi::kBuiltinParams.size()) return false;
  }
  return true;
}
static_assert(signatures_are_known());

}  // namespace

const DiagnosticKind* broken_by_call(const wasm::Module& module, abi::Builtin builtin,
                                     const Arguments& arguments, uint32_t frame_size) {
  Call call{module, frame_size};
  auto next = arguments.begin();
  for (const char letter : arguments_of(abi::kBuiltins[static_cast<size_t>(builtin)].signature)) {
    if (!is_one_of(kWithoutRegister, letter)) call.argument = *next++;
    if (is_one_of(kConstants, letter)) {
      if (!call.argument.constant) return &rule::builtin_constant;
      call.index = *call.argument.constant;
    }
    if (const DiagnosticKind* broken = broken_by(letter, call)) return broken;
    if (letter == 'T') call.table = &module.tables[call.index];
    if (letter == 'I') call.import_ = &module.types[module.funcs[call.index].value];
  }
  return nullptr;
}

}  // namespace cordon::verify
