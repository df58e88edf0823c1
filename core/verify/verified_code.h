// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// VerifiedCode [W3]: a code blob that the verifier has read whole and found no rule of rules.def
// broken in. Only verify() makes one, and CodeMemory::publish takes nothing else. It owns the
// tables and views the bytes, which must outlive it unchanged: they are those of a sealed memfd.
#pragma once

#include <utility>

#include "core/abi/code_blob.h"

namespace cordon::verify {

class VerifiedCode {
 public:
  const abi::CodeBlob& blob() const { return blob_; }
  // The encoded blob that was checked.
  ByteSpan bytes() const { return bytes_; }

 private:
  friend class ModuleVerifier;
  // Defined by tests alone (tests/core/runtime): what lies beneath must hold also where the
  // verifier was wrong.
  friend struct UncheckedCode;
  VerifiedCode(abi::CodeBlob blob, ByteSpan bytes) : blob_(std::move(blob)), bytes_(bytes) {}

  abi::CodeBlob blob_;
  ByteSpan bytes_;
};

}  // namespace cordon::verify
