// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The refusals of core/abi as DiagnosticKind constants.
#pragma once

#include "core/base/diagnostic.h"

namespace cordon::abi::diag {

#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "core/abi/diagnostics.def"

}  // namespace cordon::abi::diag
