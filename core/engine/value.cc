// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/value.h"

#include <charconv>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "core/engine/diagnostics.h"

namespace cordon::engine {

namespace {

Failure bad_value(wasm::ValType type, std::string_view text) {
  return fail(diag::bad_value, kNoOffset,
              "\"" + std::string(text) + "\" as " + std::string(wasm::name_of(type)));
}

// Accepts a signed or an unsigned number of N bits: [-2^(N-1), 2^N).
template <class Unsigned>
bool parse_integer(std::string_view text, uint64_t& slot) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  if (is_hex) text.remove_prefix(2);
  Unsigned magnitude = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  auto [stop, error] = std::from_chars(begin, end, magnitude, is_hex ? 16 : 10);
  if (error != std::errc() || stop != end) return false;
  constexpr Unsigned kHalf = Unsigned{1} << (std::numeric_limits<Unsigned>::digits - 1);
  if (negative && magnitude > kHalf) return false;
  slot = negative ? static_cast<Unsigned>(Unsigned{0} - magnitude) : magnitude;
  return true;
}

bool parse_vector(std::string_view text, Value& value) {
  constexpr size_t kDigits = 16;  // of a slot
  if (!text.starts_with("0x") && !text.starts_with("0X")) return false;
  text.remove_prefix(2);
  const size_t high = text.size() > kDigits ? text.size() - kDigits : 0;
  if (high > kDigits) return false;
  const auto parse = [](std::string_view digits, uint64_t& slot) {
    const char* const end = digits.data() + digits.size();
    auto [stop, error] = std::from_chars(digits.data(), end, slot, 16);
    return error == std::errc() && stop == end;
  };
  return parse(text.substr(high), value.slot) &&
         (high == 0 || parse(text.substr(0, high), value.high));
}

std::string vector_text(const Value& value) {
  char text[35];
  std::snprintf(text, sizeof text, "0x%016" PRIx64 "%016" PRIx64, value.high, value.slot);
  return text;
}

template <class Float>
bool parse_float(std::string_view text, Float& value) {
  std::string copy(text);  // adds a terminating zero
  if (copy.empty() || std::isspace(static_cast<unsigned char>(copy[0]))) return false;
  char* stop = nullptr;
  if constexpr (sizeof(Float) == sizeof(float)) {
    value = std::strtof(copy.c_str(), &stop);
  } else {
    value = std::strtod(copy.c_str(), &stop);
  }
  return stop == copy.c_str() + copy.size();
}

template <class Number>
std::string digits(Number value) {
  char buffer[64];
  auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, result.ptr};
}

}  // namespace

Result<Value> parse_value(wasm::ValType type, std::string_view text) {
  Value value{type, 0};
  bool ok = false;
  switch (type) {
    case wasm::ValType::i32: ok = parse_integer<uint32_t>(text, value.slot); break;
    case wasm::ValType::i64: ok = parse_integer<uint64_t>(text, value.slot); break;
    case wasm::ValType::f32: {
      float number = 0;
      ok = parse_float(text, number);
      value = Value::f32(number);
      break;
    }
    case wasm::ValType::f64: {
      double number = 0;
      ok = parse_float(text, number);
      value = Value::f64(number);
      break;
    }
    case wasm::ValType::v128: ok = parse_vector(text, value); break;
    case wasm::ValType::funcref:
    case wasm::ValType::externref:
    case wasm::ValType::exnref: ok = text == "null"; break;
  }
  if (!ok) return bad_value(type, text);
  return value;
}

std::string to_text(const Value& value) {
  switch (value.type) {
    case wasm::ValType::i32:
      return std::to_string(static_cast<int32_t>(static_cast<uint32_t>(value.slot)));
    case wasm::ValType::i64: return std::to_string(static_cast<int64_t>(value.slot));
    case wasm::ValType::f32: return digits(std::bit_cast<float>(static_cast<uint32_t>(value.slot)));
    case wasm::ValType::f64: return digits(std::bit_cast<double>(value.slot));
    case wasm::ValType::v128: return vector_text(value);
    case wasm::ValType::funcref: return value.slot == 0 ? "null" : "funcref";
    case wasm::ValType::exnref: return value.slot == 0 ? "null" : "exnref";
    case wasm::ValType::externref: break;
  }
  return value.slot == 0 ? "null" : "externref:" + std::to_string(value.slot);
}

std::string to_typed_text(const Value& value) {
  return std::string(wasm::name_of(value.type)) + ':' + to_text(value);
}

}  // namespace cordon::engine
