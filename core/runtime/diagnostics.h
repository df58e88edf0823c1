// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reasons for which core/runtime cannot make something, one constant a row of diagnostics.def.
#pragma once

#include "core/base/result.h"

namespace cordon::runtime::diag {

#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "core/runtime/diagnostics.def"

}  // namespace cordon::runtime::diag
