// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Judges: validators that share no code with Cordon's. They decide whether bytes are a module.
//
//   wasmparser   has exactly Cordon's features: its result must be Cordon's
//   V8           has more: it may accept what Cordon lacks
//
// judges.def has the exceptions. A refusal for a limit of the judge's own agrees with anything.
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
  // The names of the available judges; possibly none.
  std::vector<std::string> names() const;
  // An agreement has a text: "valid", or the name of the diagnostic by which Cordon refuses it.
  Verdict judge(ByteSpan module);
  // Uses one judge alone, the most exact: V8 takes ten times as long as wasmparser.
  Verdict judge_quickly(ByteSpan module);

 private:
  // `ours` is Cordon's reason to refuse it, if it does.
  Verdict by_wasmparser(const std::optional<Diagnostic>& ours, ByteSpan module);
  Verdict by_v8(const std::optional<Diagnostic>& ours, ByteSpan module);

  Partner wasmparser_ = start_wasmparser();
  Partner v8_ = start_v8();
};

}  // namespace cordon::fuzz
