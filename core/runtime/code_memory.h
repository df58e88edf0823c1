// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeMemory: the machine code of one module where it can run, with the tables that tell what a
// place in it means. The one place of Cordon that makes memory executable ([W1]): a shared,
// read-only mapping of a memfd that carries every seal, so neither this process nor the one that
// made the code can write to it any more; nothing is ever made executable by mprotect.
//
//     | code: read, execute | read-only data: read |      at the distance they have in the file
//
// Immutable once made, so a signal handler may read it.
#pragma once

#include <memory>
#include <optional>

#include "core/base/os/sealed_file.h"
#include "core/verify/verified_code.h"

namespace cordon::runtime {

class CodeMemory {
 public:
  // [W3] Takes verified code and nothing else. `file` is where its bytes stand, and must be the
  // very one that was verified; it may go afterwards.
  static Result<std::shared_ptr<const CodeMemory>> publish(const verify::VerifiedCode& code,
                                                           const SealedFile& file);
  ~CodeMemory();
  CodeMemory(const CodeMemory&) = delete;
  CodeMemory& operator=(const CodeMemory&) = delete;

  // Of the module's body `index`.
  const void* entry(size_t index) const { return base_ + blob_.funcs[index].offset; }
  size_t funcs() const { return blob_.funcs.size(); }
  const abi::BlobOptions& options() const { return blob_.options; }
  ByteSpan code() const { return blob_.code; }

  // The offset of `pc` in the code, if it is in it at all.
  std::optional<uint32_t> offset_of(const void* pc) const;
  // The function that has the byte at `offset`: its index, or none.
  std::optional<uint32_t> func_at(uint32_t offset) const;
  const abi::BlobFunc& func(uint32_t index) const { return blob_.funcs[index]; }
  // The site exactly at `offset`, or null.
  const abi::TrapSite* trap_site(uint32_t offset) const;
  const abi::CallSite* call_site(uint32_t return_offset) const;

 private:
  explicit CodeMemory(abi::CodeBlob blob) : blob_(std::move(blob)) {}
  Result<void> map(const SealedFile& file);

  uint8_t* base_ = nullptr;
  size_t size_ = 0;     // of the whole mapping
  abi::CodeBlob blob_;  // its views point into the mapping; no leaders
};

}  // namespace cordon::runtime
