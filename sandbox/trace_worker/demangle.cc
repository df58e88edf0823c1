// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/trace_worker/demangle.h"

#include <llvm/Demangle/Demangle.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace cordon::trace_worker {
namespace {

// How Rust's legacy scheme, which is C++'s with a hash at the end, encodes characters that C++'s
// lacks (rustc, legacy.rs: sanitize()).
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kLetters = {{
    {"$SP$", "@"},
    {"$BP$", "*"},
    {"$RF$", "&"},
    {"$LT$", "<"},
    {"$GT$", ">"},
    {"$LP$", "("},
    {"$RP$", ")"},
    {"$C$", ","},
}};

// "$u20$" and its like: an ASCII character by its number.
bool take_number(std::string_view text, std::string& out, size_t& taken) {
  const size_t end = text.find('$', 1);
  if (!text.starts_with("$u") || end == std::string_view::npos || end > 4) return false;
  const std::string digits(text.substr(2, end - 2));
  const unsigned long code = std::strtoul(digits.c_str(), nullptr, 16);
  if (code < 0x20 || code > 0x7e) return false;
  out += static_cast<char>(code);
  taken = end + 1;
  return true;
}

// "::h" and 16 hexadecimal digits.
size_t without_hash(std::string_view name) {
  constexpr size_t kHash = 19;
  if (name.size() <= kHash) return std::string_view::npos;
  const std::string_view hash = name.substr(name.size() - kHash);
  const bool is_hash = hash.starts_with("::h") &&
                       hash.find_first_not_of("0123456789abcdef", 3) == std::string_view::npos;
  return is_hash ? name.size() - kHash : std::string_view::npos;
}

std::string from_legacy_rust(std::string_view name) {
  std::string out;
  for (size_t at = 0; at < name.size();) {
    const std::string_view rest = name.substr(at);
    size_t taken = 1;
    const auto* const letter = std::ranges::find_if(
        kLetters, [&](const auto& row) { return rest.starts_with(row.first); });
    if (letter != kLetters.end()) {
      out += letter->second;
      taken = letter->first.size();
    } else if (rest.starts_with("..")) {
      out += "::";
      taken = 2;
    } else if (rest.starts_with("_$") && (at == 0 || name[at - 1] == ':')) {
      // An identifier cannot begin with a dollar sign, so an underscore precedes it.
    } else if (!take_number(rest, out, taken)) {
      out += rest[0];
    }
    at += taken;
  }
  return out;
}

}  // namespace

std::string demangled(const std::string& name) {
  if (name.size() > kMostMangled) return name;
  std::string out = llvm::demangle(name);
  if (name.starts_with("_ZN")) {
    const size_t end = without_hash(out);
    if (end != std::string::npos) return from_legacy_rust(std::string_view(out).substr(0, end));
  }
  return out;
}

}  // namespace cordon::trace_worker
