// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Value: a typed value that embedder and guest exchange, and its text. The command line's --invoke
// reads arguments and prints results with it, as does the runner of test scripts.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/wasm/types.h"
#include "core/wasm/v128.h"

namespace cordon::engine {

// A plain value. A reference in it is valid only in the store that it came from.
struct Value {
  wasm::ValType type = wasm::ValType::i32;
  // The slot: i32 and f32 in the low half with the upper half zero, floats as bits, references in
  // the runtime's representation, null as zero.
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

// Reads `text` as a value of `type`: integers in decimal or 0x hex, signed or unsigned, in
// either range; floats as strtod accepts them, with hex, "inf" and "nan"; vectors as one
// number of up to 32 hex digits after 0x, whose lowest byte is the first; of references only
// "null".
Result<Value> parse_value(wasm::ValType type, std::string_view text);

// "-5": integers signed; floats with as few digits as give the same value when read; vectors as 0x
// and 32 digits; references as "null", "funcref" or "externref:N".
std::string to_text(const Value& value);
// "i32:-5".
std::string to_typed_text(const Value& value);

}  // namespace cordon::engine
