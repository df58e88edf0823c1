// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Verdict: how what Cordon says of a module compares with what others say.
#pragma once

#include <string>

namespace cordon::fuzz {

struct Verdict {
  enum Kind : uint8_t {
    Agrees,
    Skipped,   // `text` says what the two cannot be compared on
    Differs,   // `text` has both sides
    NoAnswer,  // the other died of the module, or hung
  };
  Kind kind;
  std::string text = {};
};

inline bool is_finding(const Verdict& verdict) {
  return verdict.kind == Verdict::Differs || verdict.kind == Verdict::NoAnswer;
}

}  // namespace cordon::fuzz
