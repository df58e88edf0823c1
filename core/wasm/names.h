// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The name section (spec §7.4.1): what functions and locals were called in their source. Backtraces
// and listings read it when they need it; a run without a trap never does.
//
// The section is a hint: it cannot make a module invalid. Reading ends where it is malformed, and
// what was read so far counts. Memory is bounded by the number of the module's own functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/wasm/module.h"

namespace cordon::wasm {

// A name made safe to show, unquoted and in one line: every character but printable ASCII is
// replaced, and the length is cut, so that a guest can neither forge a line nor send control
// characters to a terminal.
std::string plain_name(std::string_view name);

// Views point into the module's bytes and live as long as these.
class Names {
 public:
  // Reads the first custom section called "name". `module` must outlive this.
  explicit Names(const Module& module);

  // All of them return an empty text if there is no name. They are UTF-8 from the guest: quote them
  // before they reach a terminal (core/base/json.h).
  std::string_view module_name() const { return module_name_; }
  std::string_view function_name(FuncIdx func) const;
  // Reads the function's part of the section at each call.
  std::string_view local_name(FuncIdx func, LocalIdx local) const;
  size_t function_count() const { return functions_.size(); }

 private:
  struct FunctionName {
    uint32_t func;
    std::string_view name;
  };
  struct FunctionLocals {
    uint32_t func;
    ByteRange map;
  };
  void read_functions(Cursor& in);
  void read_locals(Cursor& in);

  const Module& module_;
  std::string_view module_name_;
  std::vector<FunctionName> functions_;  // ascending
  std::vector<FunctionLocals> locals_;   // ascending
};

}  // namespace cordon::wasm
