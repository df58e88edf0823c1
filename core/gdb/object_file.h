// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An ELF file that describes machine code which is in memory already: its address, the names of its
// functions, and how to unwind frames. It holds no code: .text takes no bytes of the file. Used by
// show.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace cordon::gdb {

// Addresses are those of this process.
struct Symbol {
  std::string name;
  uint64_t address, size;
};

// `debug_frame` becomes the section of that name (DWARF 5, §6.4.1). A name ends at its first zero.
// Symbols are local to the file, so that a guest's function cannot replace a function of the host
// that a debugger looks up.
std::vector<uint8_t> object_file(uint64_t code_address, uint64_t code_size,
                                 std::span<const Symbol> symbols, ByteSpan debug_frame);

}  // namespace cordon::gdb
