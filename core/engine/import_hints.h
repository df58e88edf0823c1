// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string_view>

namespace cordon::engine {

// What the author of a module can do about an import that nobody offers, from import_hints.def;
// empty where no row fits.
std::string_view import_hint(std::string_view module, std::string_view name);

}  // namespace cordon::engine
