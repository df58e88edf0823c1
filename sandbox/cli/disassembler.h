// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Disassembler: machine code as a person reads it, for listings (listing.cc). What it is made with
// stands in a folder of each machine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/bytes.h"

namespace cordon::cli {

// What an instruction refers to by one of its operands, and where that is: offsets into the code
// for the first three, into the instance context for the last.
enum class RefersTo : uint8_t { Nothing, Branch, Call, Data, Context };

// One instruction. `target` has no meaning where it refers to nothing.
struct Instruction {
  uint32_t length;  // in bytes, at least 1, also of what is no instruction
  std::string text;
  RefersTo refers_to = RefersTo::Nothing;
  uint64_t target = 0;
};

// For one thread. Bytes that are no instruction are read as well, and said to be none.
class Disassembler {
 public:
  // For this machine's code.
  Disassembler();
  Disassembler(const Disassembler&) = delete;
  Disassembler& operator=(const Disassembler&) = delete;
  ~Disassembler();

  // The instruction at the start of `code`, which is not empty and stands at `offset`.
  Instruction read(ByteSpan code, uint32_t offset) const;
  // Whether `code` begins with the instruction that does nothing but trap.
  static bool is_trap(ByteSpan code);

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace cordon::cli
