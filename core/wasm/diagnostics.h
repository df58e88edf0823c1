// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reasons for which core/wasm refuses a module, one constant a row of diagnostics.def.
#pragma once

#include "core/base/result.h"

namespace cordon::wasm::diag {

#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "core/wasm/diagnostics.def"

}  // namespace cordon::wasm::diag
