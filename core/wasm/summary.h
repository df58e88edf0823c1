// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The data of `cordon inspect` about a module: sections, imports, exports, memories, counts and
// sizes, as a plain struct, as text and as JSON. Takes any decoded module, valid or not, and is
// made in the jailed worker; the texts hold no control characters but line ends.
#pragma once

#include <string>
#include <vector>

#include "core/wasm/module.h"

namespace cordon::wasm {

// One section as encoded.
struct SectionSummary {
  std::string name;  // as in sections.def, or "custom " and its quoted name
  ByteRange range;
};

// An import or export: `type` as text, "(param i32) (result i32)", "funcref 1 10", "mut i32".
struct ExternSummary {
  std::string_view module;  // of an import
  std::string_view name;
  ExternKind kind;
  std::string type;
};

// Views point into the module's bytes; the summary must not outlive them.
struct ModuleSummary {
  uint64_t size;
  std::string_view name;                 // from the name section
  std::vector<SectionSummary> sections;  // in the order of the bytes
  std::vector<ExternSummary> imports, exports;
  std::vector<Limits> memories;
  uint32_t types, imported_funcs, funcs, tables, globals, elems, datas;
  uint32_t code_size;          // bytes of the code section
  uint32_t largest_func;       // its index, where there is a body
  uint32_t largest_func_size;  // bytes of instructions
  uint64_t data_size;          // bytes of all data segments
  uint32_t named_funcs;        // how many the name section names
  bool has_start;
  std::vector<Feature>
      needs;  // as features_needed() finds them; set by the caller if they are to be shown
};

// The views point into the module's bytes.
ModuleSummary summarize(const Module& module);
std::string to_text(const ModuleSummary& summary);
std::string to_json(const ModuleSummary& summary);

}  // namespace cordon::wasm
