// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeMemory: the machine code of one module where it can run, with the tables that tell what a
// place in it means. The one place of Cordon that makes memory executable ([W1]): a shared,
// read-only mapping of a memfd that carries every seal, so neither this process nor the one that
// made the code can write to it any more; nothing is ever made executable by mprotect.
//
//     code space: table of entries: read, execute | code 0: read, execute | data 0: read | code 1
//     ...
//
// (core/abi/code_blob.h; of code in one piece there is only `code 0 | data 0`.) Offsets are into
// the code space. Immutable once made, so a signal handler may read it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/os/sealed_file.h"
#include "core/verify/verified_code.h"

namespace cordon::runtime {

// Shared by the instances of a module; unmapped with the last reference.
class CodeMemory {
 public:
  // [W3] Takes verified code and nothing else. `files` are where its pieces' bytes stand, and must
  // be the very ones that were verified, in their order; they may go afterwards.
  static Result<std::shared_ptr<const CodeMemory>> publish(verify::VerifiedCode code,
                                                           std::span<const SealedFile> files);

  CodeMemory(const CodeMemory&) = delete;
  CodeMemory& operator=(const CodeMemory&) = delete;

  // Entry of the module's body `index`.
  const void* entry(size_t index) const { return room_.base() + funcs_[index].offset; }
  size_t funcs() const { return funcs_.size(); }
  const abi::BlobOptions& options() const { return options_; }
  // All of the code space, read-only data included.
  ByteSpan code() const { return room_.bytes(); }
  uint64_t code_bytes() const;  // without read-only data, table and padding

  // The offset of `pc` in the code space, if it is in it at all.
  std::optional<uint32_t> offset_of(const void* pc) const;
  // The function that has the byte at `offset`: its index, or none.
  std::optional<uint32_t> func_at(uint32_t offset) const;
  const abi::BlobFunc& func(uint32_t index) const { return funcs_[index]; }
  // The site exactly at `offset`, or null. Its own offset is into the code of its piece.
  const abi::TrapSite* trap_site(uint32_t offset) const;
  const abi::CallSite* call_site(uint32_t return_offset) const;

 private:
  CodeMemory() = default;
  Result<void> map(std::span<const verify::VerifiedPiece> pieces,
                   std::span<const SealedFile> files);
  void take_tables(verify::VerifiedCode code);

  struct Piece {
    uint32_t code_base;
    uint64_t code_size;
    std::vector<abi::TrapSite> trap_sites;
    std::vector<abi::CallSite> call_sites;
  };
  // The one whose code begins last at or before `offset`, or null.
  const Piece* piece_at(uint32_t offset) const;

  Mapping room_;  // the code space
  abi::BlobOptions options_;
  std::vector<abi::BlobFunc> funcs_;
  std::vector<Piece> pieces_;  // those that have functions, by place
};

}  // namespace cordon::runtime
