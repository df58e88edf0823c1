// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Verdict: how Cordon's result for a module compares with another's.
#pragma once

#include <string>

namespace cordon::fuzz {

struct Verdict {
  enum Kind : uint8_t {
    Agrees,
    Skipped,   // `text` is the reason why the two cannot be compared
    Differs,   // `text` has both sides
    NoAnswer,  // the other crashed on the module, or hung
  };
  Kind kind;
  std::string text = {};
};

inline bool is_finding(const Verdict& verdict) {
  return verdict.kind == Verdict::Differs || verdict.kind == Verdict::NoAnswer;
}

}  // namespace cordon::fuzz
