// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A function's wasm beside the JIT's machine code for it, for `cordon objdump`. It compiles in this
// process and runs nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/abi/code_blob.h"
#include "core/abi/module_plan.h"
#include "core/jit/code/compile.h"
#include "core/wasm/names.h"
#include "core/wasm/validated.h"

namespace cordon::cli {

// One machine instruction. Offsets, also those in `text`, are into the module's code.
struct CodeLine {
  uint32_t offset;
  std::string bytes;  // in hexadecimal
  std::string text;   // in the disassembler's syntax
  std::string note;   // the trap it may raise, what it reads or calls; or empty
};

// One instruction of wasm with its machine code, which may be empty. The prologue's row has neither
// offset nor text; code that is not beside its instruction has a row with the offset of that and no
// text.
struct ListingRow {
  std::optional<uint32_t> wasm_offset;  // in the module
  uint32_t depth = 0;                   // of blocks around it
  std::string text;
  std::vector<CodeLine> code;
};

// One function's listing. Owns its texts.
struct FuncListing {
  uint32_t index;    // in the module's index space
  std::string name;  // safe for a terminal; empty if it has none
  std::string type;
  uint32_t offset, size, frame_size;  // of the code
  uint32_t wasm_size;
  std::vector<ListingRow> rows;  // together all bytes of the code, in order
};

// Holds the code of a whole module. A failure of create() is the compiler's.
class Lister {
 public:
  // Compiles. `module` outlives this.
  static Result<Lister> create(const wasm::ValidatedModule& module, bool fuel);

  // The listing of the module's body `index`.
  FuncListing list(size_t index) const;
  // The name section's name of a function, else the first under which it is exported; or empty.
  std::string_view name_of(uint32_t func) const;

 private:
  class Reader;
  explicit Lister(const wasm::ValidatedModule& module);
  std::vector<ListingRow> wasm_rows(size_t index) const;

  const wasm::ValidatedModule* module_;
  wasm::Names names_;
  abi::ModulePlan plan_;
  std::vector<jit::Line> lines_;
  std::vector<uint8_t> bytes_;
  abi::CodeBlob blob_;
};

}  // namespace cordon::cli
