// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/import_hints.h"

namespace cordon::engine {
namespace {

struct Hint {
  std::string_view module, name, text;
};
constexpr Hint kHints[] = {
#define HINT(module, name, text) {module, name, text},
#include "core/engine/import_hints.def"
};

bool fits(std::string_view pattern, std::string_view text) {
  if (!pattern.ends_with('*')) return text == pattern;
  return text.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

std::string_view import_hint(std::string_view module, std::string_view name) {
  for (const Hint& hint : kHints) {
    if (fits(hint.module, module) && fits(hint.name, name)) return hint.text;
  }
  return {};
}

}  // namespace cordon::engine
