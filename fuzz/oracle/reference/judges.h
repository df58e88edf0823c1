// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Judges: validators that share no code with Cordon's, asked whether bytes are a valid module.
//
//     wasmparser   has exactly Cordon's features: what it says must be what Cordon says
//     V8           has more: it may take what Cordon lacks
//
// judges.def has the exceptions. What one side refuses for a limit of its own agrees with anything.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/diagnostic.h"
#include "fuzz/oracle/reference/partner.h"
#include "fuzz/oracle/reference/verdict.h"

namespace cordon::fuzz {

class Judges {
 public:
  // Those that are there, by name; maybe none.
  std::vector<std::string> names() const;
  // Agreement says on what: "valid", or the name of the diagnostic by which Cordon refuses it.
  Verdict judge(ByteSpan module);
  // Asks one alone, the most exact: V8 takes ten times as long as wasmparser.
  Verdict judge_quickly(ByteSpan module);

 private:
  // `ours` is why Cordon refuses it, if it does.
  Verdict by_wasmparser(const std::optional<Diagnostic>& ours, ByteSpan module);
  Verdict by_v8(const std::optional<Diagnostic>& ours, ByteSpan module);

  Partner wasmparser_ = start_wasmparser();
  Partner v8_ = start_v8();
};

}  // namespace cordon::fuzz
