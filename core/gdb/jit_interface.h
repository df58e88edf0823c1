// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// GDB's JIT Compilation Interface (GDB manual, chapter 30): a list of object files in this
// process's memory and a function on which the debugger sets a breakpoint. GDB finds both by their
// names; if another compiler in the process (LLVM's) defines them too, there is one list. A
// debugger that attaches later finds the list as well.
#pragma once

#include <cstdint>
#include <vector>

extern "C" {
// Laid out as GDB declares them (GDB manual, "JIT Interface, Declarations"); field order and types
// are an ABI.
struct jit_code_entry {
  jit_code_entry* next_entry;
  jit_code_entry* prev_entry;
  const char* symfile_addr;
  uint64_t symfile_size;
};

// `action_flag` is 0 for nothing, 1 for a new entry, 2 for one that is removed; `version` is 1.
struct jit_descriptor {
  uint32_t version;
  uint32_t action_flag;
  jit_code_entry* relevant_entry;
  jit_code_entry* first_entry;
};

// NOLINTBEGIN(bugprone-reserved-identifier): GDB looks for these names.
extern jit_descriptor __jit_debug_descriptor;
void __jit_debug_register_code();
// NOLINTEND(bugprone-reserved-identifier)
}

namespace cordon::gdb {

// One object file in the list, from construction to destruction. Any thread may make and end one;
// another compiler guards its entries by a lock of its own, so it and this class must not change
// the list at the same time.
class Registration {
 public:
  // Takes ownership of the bytes of an ELF file, adds it to the list and notifies the debugger. GDB
  // reads it in place.
  explicit Registration(std::vector<uint8_t> object_file);
  // Removes the entry from the list and notifies the debugger, before the bytes are freed.
  ~Registration();
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

 private:
  std::vector<uint8_t> object_file_;
  jit_code_entry entry_;
};

}  // namespace cordon::gdb
