// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ValType: a value type (spec §2.3.1, and of 3.0 §2.3.5) in 32 bits:
//
//     bits 0 to 7     the kind: a number or vector type's byte in the binary format (spec §5.3.1),
//                     a reference's abstract heap type by its byte, or kConcrete
//     bits 8 to 28    kConcrete: the type index of the heap type
//     bit 30          a reference that may be null
//     bit 31          a reference
//
// The enumerators are the types that have a byte of their own; others are made by ref_type().
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/index.h"

namespace cordon::wasm {

using TypeIdx = Index<struct TypeIdxTag>;

inline constexpr uint32_t kReference = uint32_t{1} << 31;
inline constexpr uint32_t kNullable = uint32_t{1} << 30;

// A value that is not among the enumerators is a reference made by ref_type(); compare with ==.
enum class ValType : uint32_t {
  i32 = 0x7f,
  i64 = 0x7e,
  f32 = 0x7d,
  f64 = 0x7c,
  v128 = 0x7b,
  funcref = kReference | kNullable | 0x70,
  externref = kReference | kNullable | 0x6f,
  exnref = kReference | kNullable | 0x69,
};

// The heap types known here (spec of 3.0 §2.3.4). A concrete one is a type of the module.
enum class HeapKind : uint8_t { func = 0x70, extern_ = 0x6f, exn = 0x69, concrete = 0x64 };

// Bits 0 to 7, which distinguish all types except concrete references.
constexpr uint8_t kind_of(ValType type) {
  return static_cast<uint8_t>(static_cast<uint32_t>(type) & 0xFF);
}
// A number or vector type is neither a reference nor nullable.
constexpr bool is_ref(ValType type) { return (static_cast<uint32_t>(type) & kReference) != 0; }
constexpr bool is_nullable(ValType type) { return (static_cast<uint32_t>(type) & kNullable) != 0; }
// The heap type of `type`, which is a reference.
constexpr HeapKind heap_of(ValType type) { return static_cast<HeapKind>(kind_of(type)); }

// A reference to an abstract heap type. `abstract` is not HeapKind::concrete.
constexpr ValType ref_type(HeapKind abstract, bool nullable) {
  return static_cast<ValType>(kReference | (nullable ? kNullable : 0) |
                              static_cast<uint32_t>(abstract));
}
// `type` is below 2^21 (kMaxTypes).
constexpr ValType ref_type(TypeIdx type, bool nullable) {
  return static_cast<ValType>(kReference | (nullable ? kNullable : 0) | type.value << 8 |
                              static_cast<uint32_t>(HeapKind::concrete));
}
static_assert(ref_type(HeapKind::func, true) == ValType::funcref);
static_assert(ref_type(HeapKind::extern_, true) == ValType::externref);
static_assert(ref_type(HeapKind::exn, true) == ValType::exnref);

// The type of a byte of the binary format. REQUIRES: is_value_type(byte).
constexpr ValType val_type_of(uint8_t byte) {
  const bool is_reference = byte == static_cast<uint8_t>(HeapKind::func) ||
                            byte == static_cast<uint8_t>(HeapKind::extern_) ||
                            byte == static_cast<uint8_t>(HeapKind::exn);
  return is_reference ? ref_type(static_cast<HeapKind>(byte), true) : static_cast<ValType>(byte);
}
// Whether the byte is that of a value type known here, whatever features are on.
constexpr bool is_value_type(uint8_t byte) {
  switch (val_type_of(byte)) {
    case ValType::i32:
    case ValType::i64:
    case ValType::f32:
    case ValType::f64:
    case ValType::v128:
    case ValType::funcref:
    case ValType::externref:
    case ValType::exnref: return true;
  }
  return false;
}

// Whether a value of type `given` is accepted where type `expected` is required (matching, spec of
// 3.0 §3.3.3). All types of a module are function types.
constexpr bool matches(ValType given, ValType expected) {
  if (given == expected) return true;
  if (!is_ref(given) || !is_ref(expected)) return false;
  if (is_nullable(given) && !is_nullable(expected)) return false;
  const auto heap = [](ValType type) { return static_cast<uint32_t>(type) & ~kNullable; };
  const bool is_func = heap_of(given) == HeapKind::concrete && heap_of(expected) == HeapKind::func;
  return is_func || heap(given) == heap(expected);
}

// How many slots of 8 bytes (core/abi/slot.h) a value takes in frames, on stacks and in globals.
// The first slot of a v128 holds the lanes that come first in memory.
constexpr uint32_t slots_of(ValType type) { return type == ValType::v128 ? 2 : 1; }
constexpr uint32_t slots_of(std::span<const ValType> types) {
  uint32_t slots = 0;
  for (const ValType type : types) slots += slots_of(type);
  return slots;
}

// The spec's spelling, static storage; "ref" for a reference without an enumerator, "?" for any
// other value.
constexpr std::string_view name_of(ValType type) {
  switch (type) {
    case ValType::i32: return "i32";
    case ValType::i64: return "i64";
    case ValType::f32: return "f32";
    case ValType::f64: return "f64";
    case ValType::v128: return "v128";
    case ValType::funcref: return "funcref";
    case ValType::externref: return "externref";
    case ValType::exnref: return "exnref";
  }
  return is_ref(type) ? "ref" : "?";
}

}  // namespace cordon::wasm
