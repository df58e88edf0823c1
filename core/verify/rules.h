// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rules as DiagnosticKind constants of the same names.
#pragma once

#include "core/base/diagnostic.h"

namespace cordon::verify::rule {

#define RULE(name, tag, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::Malformed, #name, "[" tag "] " text};
#include "core/verify/rules.def"

}  // namespace cordon::verify::rule
