// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reasons for which the command line itself refuses, one constant a row of diagnostics.def.
#pragma once

#include "core/base/result.h"

namespace cordon::cli::diag {

#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "sandbox/cli/diagnostics.def"

}  // namespace cordon::cli::diag
