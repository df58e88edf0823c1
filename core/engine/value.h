// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Value: a typed value at the border between embedder and guest, and its text. The command line's
// --invoke reads arguments and prints results with it, as does the runner of test scripts.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/wasm/types.h"
#include "core/wasm/v128.h"

namespace cordon::engine {

// A plain value. A reference in it is valid only in the store that gave it.
struct Value {
  wasm::ValType type = wasm::ValType::i32;
  // The slot: i32 and f32 in the low half and the upper half zero, floats as bits, references as
  // the runtime has them, null zero.
  uint64_t slot = 0;
  uint64_t high = 0;  // the second slot of a v128

  // A value of that type. A float keeps the bits of its NaN. `type` of null() is a reference type.
  static Value i32(uint32_t value) { return {wasm::ValType::i32, value}; }
  static Value i64(uint64_t value) { return {wasm::ValType::i64, value}; }
  static Value f32(float value) { return {wasm::ValType::f32, std::bit_cast<uint32_t>(value)}; }
  static Value f64(double value) { return {wasm::ValType::f64, std::bit_cast<uint64_t>(value)}; }
  static Value v128(wasm::V128 value) { return {wasm::ValType::v128, value.low, value.high}; }
  static Value null(wasm::ValType type) { return {type, 0}; }
  // From its slots, slots_of(type) many.
  static Value of_slots(wasm::ValType type, const uint64_t* slots) {
    return {type, slots[0], wasm::slots_of(type) == 2 ? slots[1] : 0};
  }

  bool operator==(const Value&) const = default;
};

// Reads `text` as a value of `type`: integers decimal or 0x hex, with a sign or as unsigned, in the
// range of either reading; floats as strtod takes them, hex, "inf" and "nan" included; vectors as
// up to 32 hex digits of one number behind 0x, whose lowest byte is the first; of references "null"
// alone.
Result<Value> parse_value(wasm::ValType type, std::string_view text);

// "-5": integers signed, floats with as few digits as read back to the same value, vectors as 0x
// and 32 digits, references as "null", "funcref" or "externref:N".
std::string to_text(const Value& value);
// "i32:-5".
std::string to_typed_text(const Value& value);

}  // namespace cordon::engine
