// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/wast_values.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>

namespace cordon::cli {

namespace {

using engine::Value;
using wasm::ValType;

[[noreturn]] void reject(const std::string& what) {
  throw nlohmann::json::other_error::create(501, "not a value of a script: " + what, nullptr);
}

ValType type_from_json(const std::string& name) {
  for (ValType type : {ValType::i32, ValType::i64, ValType::f32, ValType::f64, ValType::v128,
                       ValType::funcref, ValType::externref}) {
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

// The bits that determine the kind of a NaN (spec §4.3.3): sign aside, a canonical one has exactly
// the quiet bit in its payload, an arithmetic one at least that.
struct NanBits {
  uint64_t all_but_sign, quiet;
};

NanBits nan_bits(uint32_t bytes) {
  if (bytes == sizeof(float)) return {0x7fff'ffff, 0x7fc0'0000};
  return {0x7fff'ffff'ffff'ffff, 0x7ff8'0000'0000'0000};
}
// Whether `text` names a class of NaNs, and whether `bits`, a float of so many bytes, belongs to
// it.
std::optional<bool> nan_matches(const std::string& text, uint32_t bytes, uint64_t bits) {
  const NanBits nan = nan_bits(bytes);
  if (text == "nan:canonical") return (bits & nan.all_but_sign) == nan.quiet;
  if (text == "nan:arithmetic") return (bits & nan.quiet) == nan.quiet;
  return {};
}

// The shape of a vector's text: so many lanes of so many bytes, "i8" to "f64".
struct Shape {
  uint32_t bytes;
  explicit Shape(const nlohmann::json& json) {
    const auto name = json.at("lane_type").get<std::string>();
    const auto bits = name.empty() ? 0 : all_of<uint32_t>(name.substr(1));
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64) reject(name);
    bytes = bits / 8;
    if (json.at("value").size() != sizeof(wasm::V128) / bytes) reject(json.dump());
  }
};

// Integers come as signed ones, too.
uint64_t lane_from_text(const std::string& text, uint32_t bytes) {
  const uint64_t number =
      text.starts_with('-') ? static_cast<uint64_t>(all_of<int64_t>(text)) : all_of<uint64_t>(text);
  return bytes == 8 ? number : number & ((uint64_t{1} << (8 * bytes)) - 1);
}

Value vector_from_json(const nlohmann::json& json) {
  const Shape shape(json);
  uint8_t bytes[sizeof(wasm::V128)];
  uint32_t at = 0;
  for (const nlohmann::json& lane : json.at("value")) {
    const uint64_t number = lane_from_text(lane.get<std::string>(), shape.bytes);
    std::memcpy(bytes + at, &number, shape.bytes);
    at += shape.bytes;
  }
  wasm::V128 vector;
  std::memcpy(&vector, bytes, sizeof vector);
  return Value::v128(vector);
}

bool vector_matches(const nlohmann::json& expected, const Value& actual) {
  const Shape shape(expected);
  const wasm::V128 vector{actual.slot, actual.high};
  const auto* at = reinterpret_cast<const uint8_t*>(&vector);
  return std::ranges::all_of(expected.at("value"), [&](const nlohmann::json& lane) {
    uint64_t bits = 0;
    std::memcpy(&bits, at, shape.bytes);
    at += shape.bytes;
    const auto text = lane.get<std::string>();
    return nan_matches(text, shape.bytes, bits).value_or(false) ||
           (!text.starts_with("nan") && lane_from_text(text, shape.bytes) == bits);
  });
}

}  // namespace

Value value_from_json(const nlohmann::json& json) {
  ValType type = type_from_json(json.at("type").get<std::string>());
  if (type == ValType::v128) return vector_from_json(json);
  auto text = json.at("value").get<std::string>();
  if (text == "null") return Value::null(type);
  const uint64_t number = number_from_text(text, type);
  // Host reference 0 is not null; a slot of zero is.
  return {type, wasm::is_ref(type) ? number + 1 : number};
}

bool value_matches(const nlohmann::json& expected, const Value& actual) {
  const auto name = expected.at("type").get<std::string>();
  if (name == "either") {
    return std::ranges::any_of(expected.at("values"), [&](const nlohmann::json& one) {
      return value_matches(one, actual);
    });
  }
  if (name == "refnull") return wasm::is_ref(actual.type) && actual.slot == 0;
  auto type = type_from_json(name);
  if (type != actual.type) return false;
  if (type == ValType::v128) return vector_matches(expected, actual);
  auto text = expected.value("value", std::string());
  const uint32_t bytes = type == ValType::f32 ? sizeof(float) : sizeof(double);
  if (const auto matches = nan_matches(text, bytes, actual.slot)) return *matches;
  // A reference to any function.
  if (text.empty() && wasm::is_ref(type)) return actual.slot != 0;
  return value_from_json(expected) == actual;
}

std::string module_file(const nlohmann::json& command) {
  if (command.contains("binary_filename")) return command.at("binary_filename").get<std::string>();
  if (command.value("module_type", "binary") == "text") return "";
  return command.at("filename").get<std::string>();
}

}  // namespace cordon::cli
