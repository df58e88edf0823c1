// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [B1] The requirement of each letter of a builtin's signature (builtins.def) on its argument.
#include <algorithm>
#include <string_view>

#include "core/abi/module_plan.h"
#include "core/abi/slot.h"
#include "core/verify/layout.h"
#include "core/verify/rules.h"
#include "core/wasm/call_slots.h"

namespace cordon::verify {
namespace {

// The data that the rows of a letter check.
struct Call {
  const wasm::Module& module;
  uint32_t frame_size;
  uint32_t index = 0;                         // the letter's constant, if it needs one
  bool is_u32 = false;                        // its register, if it has one
  std::optional<wasm::ValType> element = {};  // of the T before
  std::optional<uint32_t> slots = {};         // that the I, V or N before takes
};

// A global of so many slots that is theirs.
template <uint32_t kSlots>
bool is_for_builtins(const Call& call) {
  return call.index < call.module.globals.size() &&
         abi::global_access(call.module, call.index) == abi::Access::Host &&
         wasm::slots_of(call.module.globals[call.index].type.value) == kSlots;
}
bool is_segment_for_table(const Call& call) {
  return !call.element || call.element == call.module.elems[call.index].type;
}
bool has_slots(const Call& call) {
  return call.slots && abi::slot_bytes(*call.slots) <= call.frame_size;
}

constexpr bool is_one_of(char letter, std::string_view letters) {
  return letters.find(letter) != std::string_view::npos;
}

// The requirement of a letter, and the rule that is broken otherwise. A letter may have several
// rows, which are checked in this order, so a later one may rely on an earlier one.
constexpr struct {
  std::string_view letters;
  const DiagnosticKind& rule;
  bool (*holds)(const Call& c);
} kRows[] = {
    {"F", rule::builtin_function, [](auto& c) { return c.index < c.module.funcs.size(); }},
    {"I", rule::builtin_function, [](auto& c) { return c.index < c.module.imported_funcs; }},
    {"TU", rule::builtin_table, [](auto& c) { return c.index < c.module.tables.size(); }},
    {"D", rule::builtin_segment, [](auto& c) { return c.index < c.module.datas.size(); }},
    {"E", rule::builtin_segment, [](auto& c) { return c.index < c.module.elems.size(); }},
    {"U", rule::builtin_type,
     [](auto& c) { return c.element == c.module.tables[c.index].element; }},
    {"E", rule::builtin_type, is_segment_for_table},
    {"GW", rule::builtin_global, is_for_builtins<1>},
    {"V", rule::builtin_global, is_for_builtins<2>},
    {"WV", rule::builtin_global, [](auto& c) { return c.module.globals[c.index].type.is_mutable; }},
    {"i", rule::call_argument, [](auto& c) { return c.is_u32; }},
    // A reference is a handle, and the builtin checks that the instance was given it ([R1]).
    {"lr", rule::call_argument, [](auto&) { return true; }},
    {"N", rule::builtin_tag, [](auto& c) { return c.index < c.module.tags.size(); }},
    {"M", rule::builtin_memory, [](auto& c) { return !c.module.memories.empty(); }},
    {"S", rule::builtin_slots, has_slots},
    // Its argument is valid only in the sequence of call_indirect.
    {"X", rule::foreign_entered, [](auto&) { return false; }},
};

}  // namespace

const DiagnosticKind* Layout::broken_by_call(abi::Builtin builtin, const Constants& constants,
                                             RegSet u32, uint32_t frame_size) const {
  Call call{*module_, frame_size};
  const std::string_view signature = abi::kBuiltins[static_cast<size_t>(builtin)].signature;
  size_t next = 0;  // of abi::kBuiltinParams
  for (const char letter : signature.substr(0, signature.find(':'))) {
    if (is_one_of(letter, "FITUDEGWVN")) {
      const auto constant = next < kConstantParams ? constants[next] : std::nullopt;
      if (!constant) return &rule::builtin_constant;
      call.index = *constant;
    }
    if (!is_one_of(letter, "MSX")) {
      if (next >= abi::kBuiltinParams.size()) return &rule::call_memory;
      call.is_u32 = (u32 >> abi::kBuiltinParams[next++] & 1) != 0;
    }
    bool known = false;
    for (const auto& row : kRows) {
      if (!is_one_of(letter, row.letters)) continue;
      if (!row.holds(call)) return &row.rule;
      known = true;
    }
    // A letter without a row is refused, never taken for "nothing to check".
    if (!known) return &rule::call_memory;
    if (letter == 'T') call.element = module_->tables[call.index].element;
    if (letter == 'I') {
      call.slots = wasm::import_slots(module_->types[module_->funcs[call.index].value]);
    }
    if (letter == 'V') call.slots = wasm::slots_of(wasm::ValType::v128);
    if (letter == 'N') {
      call.slots = wasm::slots_of(module_->types[module_->tags[call.index].value].params);
    }
  }
  return nullptr;
}

}  // namespace cordon::verify
