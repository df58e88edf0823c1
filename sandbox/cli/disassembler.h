// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Disassembler: machine code as text, for listings (listing.cc). Each machine's implementation is
// in a folder of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/bytes.h"

namespace cordon::cli {

// The kind of target that an operand of an instruction refers to. The target is an offset into the
// code for the first three, into the instance context for the last.
enum class RefersTo : uint8_t { Nothing, Branch, Call, Data, Context };

// One instruction. `target` has no meaning if it refers to nothing.
struct Instruction {
  uint32_t length;  // in bytes, at least 1, for invalid bytes too
  std::string text;
  RefersTo refers_to = RefersTo::Nothing;
  uint64_t target = 0;
};

// For one thread. Bytes that are no instruction are reported as such.
class Disassembler {
 public:
  // For this machine's code.
  Disassembler();
  Disassembler(const Disassembler&) = delete;
  Disassembler& operator=(const Disassembler&) = delete;
  ~Disassembler();

  // The instruction at the start of `code`, which is not empty and is at offset `offset`.
  Instruction read(ByteSpan code, uint32_t offset) const;
  // Whether `code` begins with the instruction that only traps.
  static bool is_trap(ByteSpan code);

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace cordon::cli
