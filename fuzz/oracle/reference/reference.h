// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reference: an engine that shares no code with Cordon's, V8 in a lasting child process
// (child.mjs), as an oracle for the observations of a run.
#pragma once

#include <string>

#include "core/base/bytes.h"
#include "fuzz/oracle/reference/partner.h"
#include "fuzz/oracle/reference/verdict.h"

namespace cordon::fuzz {

class Reference {
 public:
  // The other engine, "V8 ..."; empty if there is none: no `node`, for which CORDON_NODE may give
  // another name, or one too old.
  const std::string& name() const { return v8_.name(); }

  // Runs the module in the interpreter and in V8, with no fuel and no limit that a module meets by
  // itself. REQUIRES: there is another engine.
  Verdict compare(ByteSpan module);

 private:
  Partner v8_ = start_v8();
};

}  // namespace cordon::fuzz
