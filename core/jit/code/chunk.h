// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Chunk: the code of consecutive functions with its tables, as one thread made it. Offsets are
// into this chunk; compile.cc puts chunks one after the other and fills in the references between
// them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/abi/code_blob.h"
#include "core/jit/masm/constant_pool.h"
#include "core/jit/masm/masm.h"

namespace cordon::jit {

// Owned by the thread that compiles, then by the linker. Records are in the order of the code.
struct Chunk {
  std::vector<uint8_t> code;
#define TABLE(name, Wire, Record, text, stray) masm::Records<abi::Wire> name;
#include "core/abi/blob_tables.def"
  masm::Records<masm::MacroAssembler::Line> lines;
  // What refers to other functions or to read-only data; see kRefersToRodata.
  struct Reference {
    uint32_t field, next, target;
  };
  masm::Records<Reference> references;
  masm::Records<masm::MacroAssembler::TableEntry> table_entries;  // targets: offsets into `code`
  masm::ConstantPool rodata;
  // Its place in the module's code and read-only data, once known.
  uint32_t code_at = 0, rodata_at = 0;

  // Empties it, but keeps its memory.
  void clear() {
    code.clear();
#define TABLE(name, Wire, Record, text, stray) name.clear();
#include "core/abi/blob_tables.def"
    lines.clear();
    references.clear();
    table_entries.clear();
    rodata = {};
  }
};

}  // namespace cordon::jit
