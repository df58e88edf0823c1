// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors of vector instructions: what every VECTOR and LANE row of opcodes.def and the shuffle
// give for chosen operands: the edges of each lane's type against each other, every lane, shifts by
// every count at an edge, shuffles of all kinds. The meanings, the interpreter and the compilers
// are held against them. The expected side was made by another engine (V8), that of relaxed
// instructions by those instructions which they are in the deterministic profile. One row:
//
//     X1(op, immediate, operand, expected)      X2 and X3 with two and three operands
//
// An operand is V(low, high), one that is no v128 in the low bits. The immediate is none,
// lane(index), or lanes(low, high), which are those of a shuffle. Expected is is(low, high), or
// nans(low, high, canonical, arithmetic): the last two have a bit a lane, the lowest for the first,
// for those that are a NaN by the rule of spec §4.3.3; low and high say nothing of them.
#pragma once

#include <ostream>
#include <span>
#include <string_view>

#include "core/wasm/op.h"
#include "core/wasm/v128.h"
#include "tests/vectors/vectors.h"

namespace cordon::testing {

struct ExpectedLanes {
  wasm::V128 bits;
  uint32_t canonical = 0, arithmetic = 0;
};

struct LanesVector {
  wasm::Op op;
  std::string_view name;
  wasm::V128 immediate;  // a lane's number, or a shuffle's lanes
  unsigned count;
  wasm::V128 operands[3];
  ExpectedLanes expected;
};

namespace lanes_detail {

constexpr wasm::V128 V(uint64_t low, uint64_t high) { return {low, high}; }
inline constexpr wasm::V128 none{};
constexpr wasm::V128 lane(uint64_t index) { return {index, 0}; }
constexpr wasm::V128 lanes(uint64_t low, uint64_t high) { return {low, high}; }
constexpr ExpectedLanes is(uint64_t low, uint64_t high) { return {{low, high}}; }
constexpr ExpectedLanes nans(uint64_t low, uint64_t high, uint32_t canonical, uint32_t arithmetic) {
  return {{low, high}, canonical, arithmetic};
}

inline constexpr LanesVector kAll[] = {
#define X1(op, imm, a, expected) {wasm::Op::op, #op, imm, 1, {a}, expected},
#define X2(op, imm, a, b, expected) {wasm::Op::op, #op, imm, 2, {a, b}, expected},
#define X3(op, imm, a, b, c, expected) {wasm::Op::op, #op, imm, 3, {a, b, c}, expected},
#include "tests/vectors/f32x4.def"
#include "tests/vectors/f64x2.def"
#include "tests/vectors/i16x8.def"
#include "tests/vectors/i32x4.def"
#include "tests/vectors/i64x2.def"
#include "tests/vectors/i8x16.def"
#include "tests/vectors/relaxed.def"
#include "tests/vectors/v128.def"
#undef X1
#undef X2
#undef X3
};

// Each lane of F's width: the NaN that is expected, or the bits.
template <class Bits>
constexpr bool match(const ExpectedLanes& expected, wasm::V128 got) {
  const auto wanted = wasm::lanes_of<Bits>(expected.bits), found = wasm::lanes_of<Bits>(got);
  for (size_t i = 0; i < found.size(); ++i) {
    const bool canonical = (expected.canonical >> i & 1) != 0;
    const bool nan = canonical || (expected.arithmetic >> i & 1) != 0;
    const bool good =
        nan ? vectors_detail::is_nan(found[i], 8 * sizeof(Bits), canonical) : found[i] == wanted[i];
    if (!good) return false;
  }
  return true;
}

}  // namespace lanes_detail

inline std::span<const LanesVector> lanes_vectors() { return lanes_detail::kAll; }

// The name has the width of the lanes: f32x4_add.
constexpr bool matches(const LanesVector& vector, wasm::V128 got) {
  return vector.name.starts_with("f32") ? lanes_detail::match<uint32_t>(vector.expected, got)
                                        : lanes_detail::match<uint64_t>(vector.expected, got);
}

// For messages.
struct Hex {
  wasm::V128 bits;
};
inline std::ostream& operator<<(std::ostream& out, Hex hex) {
  return out << std::hex << "(0x" << hex.bits.low << " 0x" << hex.bits.high << ')' << std::dec;
}
inline std::ostream& operator<<(std::ostream& out, const LanesVector& vector) {
  out << vector.name << ' ' << Hex{vector.immediate};
  for (unsigned i = 0; i < vector.count; ++i) out << ' ' << Hex{vector.operands[i]};
  const ExpectedLanes& expected = vector.expected;
  out << " is " << Hex{expected.bits};
  if ((expected.canonical | expected.arithmetic) == 0) return out;
  return out << ", canonical NaNs " << expected.canonical << ", others " << expected.arithmetic;
}

}  // namespace cordon::testing
