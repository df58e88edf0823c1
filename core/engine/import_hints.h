// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string_view>

namespace cordon::engine {

// Advice to the author of a module about an import that is not defined, from import_hints.def;
// empty if no row matches.
std::string_view import_hint(std::string_view module, std::string_view name);

}  // namespace cordon::engine
