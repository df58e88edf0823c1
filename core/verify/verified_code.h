// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// VerifiedCode [W3]: a piece of a module's code in which the verifier found no rule broken. Only
// the verifier makes one, and CodeSpace::publish takes nothing else. It owns the tables and views
// the bytes, which must outlive it unchanged: they are those of a sealed memfd.
#pragma once

#include <cstdint>
#include <utility>

#include "core/abi/code_blob.h"
#include "core/wasm/module.h"

namespace cordon::verify {

// What a piece relies on besides itself.
struct Standing {
  const wasm::Module* module;  // whose code it is
  uint64_t series;             // of the Verification that it was a piece of: no two have the same
  uint32_t number;             // how many pieces of the series come before it: it may call those
  bool calls_ahead;            // it calls by the table of entries, which must be there by then
  bool is_last;                // with it all code of the module is there
};

class VerifiedCode {  // made once for a module
 public:
  // Move-only: it is published once.
  VerifiedCode(VerifiedCode&&) = default;
  VerifiedCode& operator=(VerifiedCode&&) = default;

  const abi::CodeBlob& blob() const { return blob_; }
  // Leaves an empty object.
  abi::CodeBlob take_blob() && { return std::move(blob_); }
  // The encoded bytes that were checked.
  ByteSpan bytes() const { return bytes_; }
  const Standing& standing() const { return standing_; }

 private:
  friend class Verification;
#ifdef CORDON_UNCHECKED_CODE
  // The runtime must hold even if the verifier is wrong: a door for its tests, with which no
  // product is built (tests/kit/unchecked_code.h).
  friend struct UncheckedCode;
#endif
  VerifiedCode(abi::CodeBlob blob, ByteSpan bytes, const Standing& standing)
      : blob_(std::move(blob)), bytes_(bytes), standing_(standing) {}

  abi::CodeBlob blob_;
  ByteSpan bytes_;
  Standing standing_;
};

}  // namespace cordon::verify
