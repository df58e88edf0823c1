// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mutants of machine code that a compiler made, aimed at what the verifier checks: one change of
// one instruction's operand, of one branch's target, or of one row of a table (code.def). Called by
// the target `verifier`.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/abi/code_blob.h"
#include "core/wasm/validated.h"
#include "fuzz/gen/choices.h"

namespace cordon::fuzz {

// A blob that owns its bytes, so that it can be changed. Equal to what was decoded until changed.
struct OwnedBlob {
  abi::CodeBlob blob;  // code and rodata view the two below
  std::vector<uint8_t> code, rodata;

  explicit OwnedBlob(const abi::CodeBlob& from);
  OwnedBlob(const OwnedBlob& other) : OwnedBlob(other.blob) {}
  OwnedBlob& operator=(const OwnedBlob&) = delete;
};

// Offsets of the parts of an instruction, from its first byte; 0 for a missing part.
struct InstructionParts {
  uint32_t at;
  uint8_t length, rex, opcode, modrm, sib, disp, disp_bytes, imm, imm_bytes;
  bool is_branch;
  uint8_t base;  // of its memory operand: the register's lower three bits, or one of these
  static constexpr uint8_t kNone = 0xFF, kRip = 8;

  uint32_t place() const { return at; }
};

// The source of mutants: the compiler's code of one module, and where its instructions are.
class CodeToMutate {
 public:
  explicit CodeToMutate(const abi::CodeBlob& blob);

  // One mutant, and what was changed. It may equal the original.
  OwnedBlob mutant(Choices& choices, std::string_view& what) const;

 private:
  friend class CodeMutator;
  const OwnedBlob whole_;
  std::vector<InstructionParts> instructions_;
};

}  // namespace cordon::fuzz
