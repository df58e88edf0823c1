// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reasons for which core/engine refuses, one constant a row of diagnostics.def.
#pragma once

#include "core/base/result.h"

namespace cordon::engine::diag {

#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "core/engine/diagnostics.def"

}  // namespace cordon::engine::diag
