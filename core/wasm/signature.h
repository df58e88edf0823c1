// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Signature: the "operands:results" column of opcodes.def, parsed at compile time. A malformed text
// does not compile.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/wasm/types.h"

namespace cordon::wasm {

// A structural type, so that it can be a template argument.
struct Signature {
  std::array<ValType, 3> params{};
  std::array<ValType, 1> results{};
  uint32_t param_count = 0, result_count = 0;

  // Views into this object.
  constexpr std::span<const ValType> param_types() const { return {params.data(), param_count}; }
  constexpr std::span<const ValType> result_types() const { return {results.data(), result_count}; }
};

constexpr bool has_vectors(const Signature& signature) {
  return slots_of(signature.param_types()) != signature.param_count ||
         slots_of(signature.result_types()) != signature.result_count;
}

// Not defined: a call of it is not a constant expression.
void signature_is_malformed();

// i, l, f, d and v are i32, i64, f32, f64 and v128; another letter does not compile.
constexpr ValType parse_type_letter(char letter) {
  switch (letter) {
    case 'i': return ValType::i32;
    case 'l': return ValType::i64;
    case 'f': return ValType::f32;
    case 'd': return ValType::f64;
    case 'v': return ValType::v128;
    default: signature_is_malformed(); return {};
  }
}

// Parses "operands:results", at most three letters and at most one.
consteval Signature parse_signature(std::string_view text) {
  Signature signature;
  const size_t colon = text.find(':');
  if (colon > signature.params.size() || text.size() - colon - 1 > signature.results.size()) {
    signature_is_malformed();
  }
  for (char letter : text.substr(0, colon)) {
    signature.params[signature.param_count++] = parse_type_letter(letter);
  }
  for (char letter : text.substr(colon + 1)) {
    signature.results[signature.result_count++] = parse_type_letter(letter);
  }
  return signature;
}

// A signature with one type a slot, as validation counts operands: a v128 takes two in a row. A
// structural type, too.
struct SlotSignature {
  std::array<ValType, 6> params{};
  std::array<ValType, 2> results{};
  uint32_t param_count = 0, result_count = 0;

  constexpr std::span<const ValType> param_types() const { return {params.data(), param_count}; }
  constexpr std::span<const ValType> result_types() const { return {results.data(), result_count}; }
};
consteval SlotSignature in_slots(const Signature& signature) {
  SlotSignature slots;
  for (const ValType type : signature.param_types()) {
    for (uint32_t i = 0; i < slots_of(type); ++i) slots.params[slots.param_count++] = type;
  }
  for (const ValType type : signature.result_types()) {
    for (uint32_t i = 0; i < slots_of(type); ++i) slots.results[slots.result_count++] = type;
  }
  return slots;
}

// Operands and results of a LOAD and a STORE row of `type`; v128 for the vector rows.
consteval Signature load_signature(ValType type) { return {{ValType::i32}, {type}, 1, 1}; }
consteval Signature store_signature(ValType type) { return {{ValType::i32, type}, {}, 2, 0}; }
// The same of a LANE_LOAD row. A LANE_STORE row takes what a store of v128 takes.
consteval Signature lane_load_signature() {
  return {{ValType::i32, ValType::v128}, {ValType::v128}, 2, 1};
}

}  // namespace cordon::wasm
