// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a debugger gets from a frame of native code to its caller's, at each instruction, in DWARF
// (version 5, §6.4): the content of a section .debug_frame. The step from the outermost guest frame
// to the host's frames is described in the trampolines (core/runtime/trampolines.h). Each machine
// has its own, in a folder.
#pragma once

#include <vector>

#include "core/runtime/code/unit.h"

namespace cordon::gdb {

// One CIE, and an FDE for each function of `unit`, with addresses in this process.
std::vector<uint8_t> call_frames(const runtime::CodeUnit& unit);
// The machine's number in the header of an ELF file.
uint16_t elf_machine();

}  // namespace cordon::gdb
