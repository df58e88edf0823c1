// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An ELF file about machine code that is somewhere in memory already: where it is, what its
// functions are called, how frames are unwound. It holds no code: .text is of the kind that takes
// no bytes of the file. Whoever shows code to a debugger makes one (show.cc).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace cordon::gdb {

// Addresses are of the process.
struct Symbol {
  std::string name;
  uint64_t address, size;
};

// `debug_frame` becomes the section of that name (DWARF 5, §6.4.1). A name ends at its first zero.
// Symbols are local to the file, so that no guest's function stands for one of the host's that a
// debugger looks for.
std::vector<uint8_t> object_file(uint64_t code_address, uint64_t code_size,
                                 std::span<const Symbol> symbols, ByteSpan debug_frame);

}  // namespace cordon::gdb
