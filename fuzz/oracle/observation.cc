// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/observation.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/base/hex.h"

namespace cordon::fuzz {

namespace {

using wasm::ValType;

bool is_nan(const SeenValue& value) {
  if (value.type == ValType::f32) {
    return value.bits >> 32 == 0 &&
           std::isnan(std::bit_cast<float>(static_cast<uint32_t>(value.bits)));
  }
  return value.type == ValType::f64 && std::isnan(std::bit_cast<double>(value.bits));
}

// Whether a NaN is quiet, as those that arithmetic computes are, whatever their payload (spec
// §4.3.3).
bool is_quiet(const SeenValue& nan) {
  return (nan.bits >> (nan.type == ValType::f32 ? 22 : 51) & 1) != 0;
}

bool same(const SeenValue& a, const SeenValue& b) {
  if (a.type != b.type) return false;
  if (a.high != b.high) return false;
  return a.bits == b.bits || (is_nan(a) && is_nan(b) && is_quiet(a) && is_quiet(b));
}
bool same(const SeenMemory& a, const SeenMemory& b) {
  return a.pages == b.pages && a.hash == b.hash;
}
bool same(const SeenFrame& a, const SeenFrame& b) { return a == b; }

std::string text(const SeenValue& value) {
  return std::string(wasm::name_of(value.type)) + ":" + hex(value.bits) +
         (value.type == ValType::v128 ? " " + hex(value.high) : "");
}
std::string text(const SeenMemory& memory) {
  return std::to_string(memory.pages) + " pages, hash " + hex(memory.hash);
}
std::string text(const SeenFrame& frame) {
  return "func " + std::to_string(frame.func) + " at " + hex(frame.offset);
}

std::string differ(const std::string& what, const std::string& a, const std::string& b) {
  return what + ": " + a + " and " + b;
}

// The first difference of two lists of one kind.
template <class T>
std::optional<std::string> difference(const std::string& what, const std::vector<T>& a,
                                      const std::vector<T>& b) {
  const size_t common = std::min(a.size(), b.size());
  for (size_t i = 0; i < common; ++i) {
    if (same(a[i], b[i])) continue;
    return differ(what + " " + std::to_string(i), text(a[i]), text(b[i]));
  }
  if (a.size() == b.size()) return std::nullopt;
  return differ("number of " + what, std::to_string(a.size()), std::to_string(b.size()));
}

std::optional<std::string> difference(const SeenCall& a, const SeenCall& b) {
  if (a.trap != b.trap) {
    return differ(a.name, std::string(trap_name(a.trap)), std::string(trap_name(b.trap)));
  }
  if (auto found = difference(a.name + " result", a.results, b.results)) return found;
  if (auto found = difference(a.name + " frame", a.frames, b.frames)) return found;
  if (a.fuel_left == b.fuel_left) return std::nullopt;
  return differ(a.name + " fuel left", std::to_string(a.fuel_left), std::to_string(b.fuel_left));
}

std::optional<std::string> difference(const SeenHostCall& a, const SeenHostCall& b) {
  if (a.name != b.name) return differ("host function", a.name, b.name);
  return difference("argument of " + a.name, a.args, b.args);
}

// The first difference of two lists whose items are compared by difference().
template <class T>
std::optional<std::string> items(const std::string& what, const std::vector<T>& a,
                                 const std::vector<T>& b) {
  const size_t common = std::min(a.size(), b.size());
  for (size_t i = 0; i < common; ++i) {
    if (auto found = difference(a[i], b[i])) return what + " " + std::to_string(i) + ", " + *found;
  }
  if (a.size() == b.size()) return std::nullopt;
  return differ("number of " + what, std::to_string(a.size()), std::to_string(b.size()));
}

}  // namespace

std::optional<std::string> first_difference(const Observation& a, const Observation& b) {
  if (a.refused != b.refused) return differ("refused", a.refused, b.refused);
  if (auto found = items("call", a.calls, b.calls)) return found;
  if (auto found = items("host call", a.host_calls, b.host_calls)) return found;
  if (auto found = difference("memory", a.memories, b.memories)) return found;
  if (auto found = difference("global", a.globals, b.globals)) return found;
  if (a.tables.size() != b.tables.size()) return std::string("number of tables");
  for (size_t i = 0; i < a.tables.size(); ++i) {
    const std::string name = "table " + std::to_string(i) + " element";
    if (auto found = difference(name, a.tables[i], b.tables[i])) return found;
  }
  return std::nullopt;
}

}  // namespace cordon::fuzz
