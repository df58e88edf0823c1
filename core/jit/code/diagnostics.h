// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reasons of diagnostics.def as values.
#pragma once

#include "core/base/diagnostic.h"

namespace cordon::jit::diag {

#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "core/jit/code/diagnostics.def"

}  // namespace cordon::jit::diag
