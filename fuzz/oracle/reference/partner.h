// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Partner: a child that says what it is when it is told the first message, and answers messages
// about modules. It is started again when it is gone, and after so many messages, for the memory
// that it does not give back.
#pragma once

#include <string>

#include "fuzz/oracle/reference/child.h"

namespace cordon::fuzz {

class Partner {
 public:
  static constexpr unsigned kMessagesOfOne = 500;

  // The answer to `first` must begin with `kind`.
  Partner(std::vector<std::string> command, std::string first, std::string kind);

  // What it said it is; empty if there is none.
  const std::string& name() const { return name_; }
  // As Child::ask. REQUIRES: there is one.
  std::optional<std::string> ask(std::string_view message);

 private:
  bool start();

  Child child_;
  std::string first_, kind_, name_;
  unsigned messages_ = 0;  // to this child
};

// `node` with child.mjs, or what CORDON_NODE names.
Partner start_v8();
// What ci/fetch-wasmparser built, or what CORDON_WASMPARSER names.
Partner start_wasmparser();

}  // namespace cordon::fuzz
