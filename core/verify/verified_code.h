// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// VerifiedCode [W3]: all code of a module, in which the verifier found no rule broken. Only the
// verifier makes one, and CodeMemory::publish takes nothing else. It owns the tables and views the
// bytes, which must outlive it unchanged: they are those of sealed memfds.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "core/abi/code_blob.h"

namespace cordon::verify {

// One blob, and the encoded bytes that were checked.
struct VerifiedPiece {
  abi::CodeBlob blob;
  ByteSpan bytes;
};

class VerifiedCode {  // made once for a module
 public:
  // In the order they came in: each behind the one before it in the code space, and where there is
  // more than one, the table of entries as the last.
  std::span<const VerifiedPiece> pieces() const { return pieces_; }
  std::vector<VerifiedPiece> take_pieces() && { return std::move(pieces_); }
  // The same for all; the processor features that any of them needs.
  abi::BlobOptions options() const;

 private:
  friend class Verification;
#ifdef CORDON_UNCHECKED_CODE
  // The runtime must hold also where the verifier is wrong: a door for its tests, which no product
  // is built with (tests/kit/unchecked_code.h).
  friend struct UncheckedCode;
#endif
  explicit VerifiedCode(std::vector<VerifiedPiece> pieces) : pieces_(std::move(pieces)) {}

  std::vector<VerifiedPiece> pieces_;  // at least one
};

}  // namespace cordon::verify
