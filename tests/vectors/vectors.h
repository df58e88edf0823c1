// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors: what every PURE row of opcodes.def gives for chosen operands, with the edges of its
// types. semantics.h, the interpreter and the compilers are all held against them. The expected
// side was made by another engine (V8), not by the code under test. One row:
//
//     V1(op, operand, expected)      V2(op, left operand, right operand, expected)
//
// Operands are slots: bits, floats too. Expected is is(bits), traps(trap), or a NaN by the rule of
// spec §4.3.3: `canonical`, or `arithmetic` where an operand is a NaN that is not canonical.
#pragma once

#include <cstdint>
#include <iterator>
#include <ostream>
#include <span>
#include <string_view>

#include "core/abi/traps.h"
#include "core/wasm/op.h"

namespace cordon::testing {

struct Expected {
  enum class Kind : uint8_t { Is, CanonicalNan, ArithmeticNan, Traps } kind;
  uint64_t bits = 0;
  Trap trap = Trap::none;
};

// What was got instead: bits count only with Trap::none.
struct Got {
  Trap trap;
  uint64_t bits;
};

struct Vector {
  wasm::Op op;
  std::string_view name;
  unsigned count;
  uint64_t operands[2];
  Expected expected;
};

namespace vectors_detail {

constexpr Expected is(uint64_t bits) { return {Expected::Kind::Is, bits}; }
constexpr Expected traps(Trap trap) { return {Expected::Kind::Traps, 0, trap}; }
inline constexpr Expected canonical{Expected::Kind::CanonicalNan};
inline constexpr Expected arithmetic{Expected::Kind::ArithmeticNan};

using enum Trap;
inline constexpr Vector kAll[] = {
#define V1(op, a, expected) {wasm::Op::op, #op, 1, {a, 0}, expected},
#define V2(op, a, b, expected) {wasm::Op::op, #op, 2, {a, b}, expected},
#include "tests/vectors/conversions.def"
#include "tests/vectors/f32.def"
#include "tests/vectors/f64.def"
#include "tests/vectors/i32.def"
#include "tests/vectors/i64.def"
#undef V1
#undef V2
};

// Whether `bits` are a quiet NaN of the width (32 or 64), with nothing but the quiet bit set in its
// payload if `canonical`. Any sign.
constexpr bool is_nan(uint64_t bits, unsigned width, bool only_quiet_bit) {
  const unsigned payload_bits = width == 32 ? 23 : 52;
  const uint64_t quiet = uint64_t{1} << (payload_bits - 1);
  const uint64_t sign = uint64_t{1} << (width - 1);
  const uint64_t all = sign | (sign - 1);
  const uint64_t least = (sign - 1) & ~(quiet - 1);  // exponent and quiet bit
  if ((bits & ~all) != 0) return false;
  return only_quiet_bit ? (bits & ~sign) == least : (bits & least) == least;
}

}  // namespace vectors_detail

inline std::span<const Vector> vectors() { return vectors_detail::kAll; }

// The name shows whether a float result has 32 or 64 bits: f32_add, f64_promote_f32.
constexpr bool matches(const Vector& vector, const Got& got) {
  const unsigned width = vector.name.starts_with("f32") ? 32 : 64;
  if (vector.expected.kind == Expected::Kind::Traps) return got.trap == vector.expected.trap;
  if (got.trap != Trap::none) return false;
  switch (vector.expected.kind) {
    case Expected::Kind::Is: return got.bits == vector.expected.bits;
    case Expected::Kind::CanonicalNan: return vectors_detail::is_nan(got.bits, width, true);
    case Expected::Kind::ArithmeticNan: return vectors_detail::is_nan(got.bits, width, false);
    case Expected::Kind::Traps: break;
  }
  return false;
}

inline std::ostream& operator<<(std::ostream& out, const Vector& vector) {
  out << vector.name << std::hex << " 0x" << vector.operands[0];
  if (vector.count == 2) out << " 0x" << vector.operands[1];
  switch (vector.expected.kind) {
    case Expected::Kind::Is: return out << " is 0x" << vector.expected.bits << std::dec;
    case Expected::Kind::CanonicalNan: return out << " is a canonical NaN" << std::dec;
    case Expected::Kind::ArithmeticNan: return out << " is a quiet NaN" << std::dec;
    case Expected::Kind::Traps: break;
  }
  return out << " traps: " << trap_name(vector.expected.trap) << std::dec;
}
inline std::ostream& operator<<(std::ostream& out, const Got& got) {
  if (got.trap != Trap::none) return out << trap_name(got.trap);
  return out << std::hex << "0x" << got.bits << std::dec;
}

}  // namespace cordon::testing
