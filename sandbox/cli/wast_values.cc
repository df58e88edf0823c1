// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/wast_values.h"

#include <charconv>
#include <string>

namespace cordon::cli {

namespace {

using engine::Value;
using wasm::ValType;

[[noreturn]] void reject(const std::string& what) {
  throw nlohmann::json::other_error::create(501, "not a value of a script: " + what, nullptr);
}

ValType type_from_json(const std::string& name) {
  for (ValType type : {ValType::i32, ValType::i64, ValType::f32, ValType::f64, ValType::funcref,
                       ValType::externref}) {
    if (wasm::name_of(type) == name) return type;
  }
  reject(name);
}

template <class T>
T all_of(const std::string& text) {
  T number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) reject(text);
  return number;
}

// The slot of a number: integers come as signed ones or as their bits, floats as their bits.
uint64_t number_from_text(const std::string& text, ValType type) {
  if (!text.starts_with('-')) return all_of<uint64_t>(text);
  if (type == ValType::i32) return static_cast<uint32_t>(all_of<int32_t>(text));
  if (type == ValType::i64) return static_cast<uint64_t>(all_of<int64_t>(text));
  reject(text);
}

// What decides whether a float is one of the NaNs that spec §4.3.3 names: sign aside, a canonical
// one has exactly the quiet bit in its payload, an arithmetic one at least that.
struct NanBits {
  uint64_t all_but_sign, quiet;
};

NanBits nan_bits(ValType type) {
  if (type == ValType::f32) return {0x7fff'ffff, 0x7fc0'0000};
  return {0x7fff'ffff'ffff'ffff, 0x7ff8'0000'0000'0000};
}

}  // namespace

Value value_from_json(const nlohmann::json& json) {
  ValType type = type_from_json(json.at("type").get<std::string>());
  auto text = json.at("value").get<std::string>();
  if (text == "null") return Value::null(type);
  const uint64_t number = number_from_text(text, type);
  // Host reference 0 is not null, which is what a slot of zero means.
  return {type, wasm::is_ref(type) ? number + 1 : number};
}

bool value_matches(const nlohmann::json& expected, const Value& actual) {
  auto type = type_from_json(expected.at("type").get<std::string>());
  if (type != actual.type) return false;
  auto text = expected.value("value", std::string());
  NanBits bits = nan_bits(type);
  if (text == "nan:canonical") return (actual.slot & bits.all_but_sign) == bits.quiet;
  if (text == "nan:arithmetic") return (actual.slot & bits.quiet) == bits.quiet;
  // A reference to some function, which one is not said.
  if (text.empty() && wasm::is_ref(type)) return actual.slot != 0;
  return value_from_json(expected) == actual;
}

std::string module_file(const nlohmann::json& command) {
  if (command.contains("binary_filename")) return command.at("binary_filename").get<std::string>();
  if (command.value("module_type", "binary") == "text") return "";
  return command.at("filename").get<std::string>();
}

}  // namespace cordon::cli
