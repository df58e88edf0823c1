// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a debugger gets from a frame of native code to its caller's, at each instruction, as DWARF
// says it (version 5, §6.4): the content of a section .debug_frame. The way from the outermost of
// them to the host's frames is in the trampolines themselves (core/runtime/trampolines.h). Each
// machine has its own, in a folder.
#pragma once

#include <vector>

#include "core/runtime/code_memory.h"

namespace cordon::gdb {

// How many bytes of jumps stand before the functions (abi/code_blob.h); 0 if code is in one piece.
inline uint32_t entry_table_bytes(const runtime::CodeMemory& code) {
  const size_t funcs = code.funcs();
  const bool has_table = funcs > 0 && code.func(0).offset >= abi::entry_table_size(funcs);
  return has_table ? static_cast<uint32_t>(funcs * abi::kEntrySlot) : 0;
}

// One CIE, and an FDE for each function of `code`, with addresses in this process.
std::vector<uint8_t> call_frames(const runtime::CodeMemory& code);
// The machine's number in the header of an ELF file.
uint16_t elf_machine();

}  // namespace cordon::gdb
