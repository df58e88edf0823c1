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
  // itself. REQUIRES: there is one.
  Verdict compare(ByteSpan module) { return compare(module, module); }

  // The module that the generator makes of `bytes`. With `twins`, one in the interpreter with the
  // standard's encoding of exceptions, which V8 had late, and in V8 the same program with the
  // legacy one; then the places of traps differ and are left out. REQUIRES: there is one.
  Verdict compare_generated(ByteSpan bytes, bool twins);

 private:
  Verdict compare(ByteSpan ours, ByteSpan theirs);

  Partner v8_ = start_v8();
};

}  // namespace cordon::fuzz
