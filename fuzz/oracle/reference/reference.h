// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reference: an engine and a validator that share no code with Cordon's, V8 in a lasting child
// process (child.mjs), as an oracle: what a run shows, and whether a module is valid. The child is
// started again when it is gone, and now and then for the memory that it does not give back.
#pragma once

#include <string>

#include "core/base/bytes.h"
#include "fuzz/oracle/reference/child.h"

namespace cordon::fuzz {

struct Verdict {
  enum Kind : uint8_t {
    Agrees,
    Skipped,   // `text` says what the two cannot be compared on
    Differs,   // `text` has both sides
    NoAnswer,  // the child died of the module, or hung
  };
  Kind kind;
  std::string text = {};
};

inline bool is_finding(const Verdict& verdict) {
  return verdict.kind == Verdict::Differs || verdict.kind == Verdict::NoAnswer;
}

class Reference {
 public:
  Reference();

  // What is at the other end, "V8 ..."; empty if there is none: no `node`, which CORDON_NODE may
  // name otherwise, or one too old.
  const std::string& name() const { return name_; }

  // Runs the module in the interpreter and in V8, with no fuel and no limit that a module meets by
  // itself. REQUIRES: there is one.
  Verdict compare(ByteSpan module);

 private:
  static constexpr unsigned kMessagesOfOne = 500;

  bool start();
  std::optional<std::string> ask(const std::string& message);

  Child child_;
  std::string name_;
  unsigned messages_ = 0;  // to this child
};

}  // namespace cordon::fuzz
