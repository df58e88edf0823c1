// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Partner: a child that answers the first message with its name, and further messages about
// modules. It is restarted when it is gone, and after so many messages, because of the memory that
// it does not free.
#pragma once

#include <string>

#include "fuzz/oracle/reference/child.h"

namespace cordon::fuzz {

class Partner {
 public:
  static constexpr unsigned kMessagesOfOne = 500;

  // The answer to `first` must begin with `kind`.
  Partner(std::vector<std::string> command, std::string first, std::string kind);

  // The name that it gave; empty if there is no child.
  const std::string& name() const { return name_; }
  // As Child::ask. REQUIRES: there is a child.
  std::optional<std::string> ask(std::string_view message);

 private:
  bool start();

  Child child_;
  std::string first_, kind_, name_;
  unsigned messages_ = 0;  // to this child
};

// `node` with child.mjs, or what CORDON_NODE names.
Partner start_v8();
// The program built by ci/fetch-wasmparser, or the one that CORDON_WASMPARSER names.
Partner start_wasmparser();

}  // namespace cordon::fuzz
