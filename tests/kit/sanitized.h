// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whether a test runs under a sanitizer, where it takes up to ten times as long. A test that tries
// all inputs of a kind for a wrong answer may take a part of them there: the release build has all
// of them.
#pragma once

namespace cordon::testing {

#ifdef CORDON_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace cordon::testing
