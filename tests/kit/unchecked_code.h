// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// UncheckedCode: makes a VerifiedCode of a blob that the verifier would refuse, since the runtime
// must hold even if the verifier is wrong. This door exists only for targets that link
// cordon_unchecked_code (tests/CMakeLists.txt); ci/layers.py refuses its name outside of tests/.
#pragma once

#ifndef CORDON_UNCHECKED_CODE
#error "link cordon_unchecked_code"
#endif

#include <utility>

#include "core/verify/verified_code.h"

namespace cordon::verify {

struct UncheckedCode {
  static VerifiedCode make(abi::CodeBlob blob, ByteSpan bytes, const Standing& standing) {
    return VerifiedCode(std::move(blob), bytes, standing);
  }
};

}  // namespace cordon::verify
