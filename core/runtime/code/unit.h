// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeUnit: machine code that was verified as one piece, in executable memory, with the tables that
// describe it. A CodeSpace makes it and keeps it as long as itself; immutable once it is published,
// so a signal handler may read it. Offsets are into its own code.
#pragma once

#include <optional>

#include "core/verify/verified_code.h"

namespace cordon::runtime {

// Valid as long as its space.
class CodeUnit {
 public:
  // How many units were published before it in its space.
  uint32_t number() const { return standing_.number; }
  // What must be published besides the units before it so that its functions can be entered.
  const verify::Standing& standing() const { return standing_; }
  const abi::BlobOptions& options() const { return blob_.options; }

  uint32_t funcs() const { return static_cast<uint32_t>(blob_.funcs.size()); }
  const abi::BlobFunc& func(uint32_t index) const { return blob_.funcs[index]; }
  // The body of the module whose code a function is.
  uint32_t body(uint32_t index) const { return func(index).body; }
  // Instead of functions it may have a jump to each of the module's (core/abi/code_blob.h).
  bool is_entry_table() const { return funcs() == 0 && !code().empty(); }
  const void* entry(uint32_t index) const { return code().data() + func(index).offset; }

  // Its instructions, with the padding between functions.
  ByteSpan code() const { return blob_.code; }
  // All of its mapping, with the read-only data.
  ByteSpan mapping() const { return {code().data(), blob_.extent()}; }
  bool holds(const void* pc) const { return offset_of(pc) < blob_.extent(); }
  // The offset in the unit of an address that it holds, in bytes.
  uint64_t offset_of(const void* pc) const {
    return reinterpret_cast<uint64_t>(pc) - reinterpret_cast<uint64_t>(code().data());
  }

  // The function that has the byte at `offset`: its index, or none.
  std::optional<uint32_t> func_at(uint64_t offset) const;
  // The site exactly at `offset`, or null.
  const abi::TrapSite* trap_site(uint64_t offset) const;
  const abi::CallSite* call_site(uint64_t return_offset) const;
  // Where function `func` goes on if that clause of the instruction at `wasm_offset` has caught, or
  // null (abi::Handler). [L1] In logarithmic time: nothing is charged for it.
  const abi::Handler* handler(uint32_t func, uint32_t wasm_offset, uint32_t clause) const;
  // Where function `func` is entered to go on with the loop at `wasm_offset`, or null. In
  // logarithmic time, too.
  const abi::LoopEntry* loop_entry(uint32_t func, uint32_t wasm_offset) const;
  // Whether the runtime may enter the code at `offset`, which is no function's first byte.
  bool is_handler(uint64_t offset) const;

 private:
  friend class CodeSpace;
  // `base`: where it is mapped.
  CodeUnit(verify::VerifiedCode code, const uint8_t* base);

  verify::Standing standing_;
  abi::CodeBlob blob_;  // without leaders, which are the verifier's alone
};

}  // namespace cordon::runtime
