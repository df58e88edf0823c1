// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Op: the instructions, from opcodes.def, and queries about a row. Code that treats a kind of
// instruction alike queries a column; no code lists the instructions by hand.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "core/wasm/features.h"
#include "core/wasm/imm.h"

namespace cordon::wasm {

// The enumerator's value is the row's code: the byte, or a prefix and the number after it, as
// code_of() has them.
enum class Op : uint32_t {
#define OP(code, ident, text, imm, feature, kind, effect) ident = code,
#include "core/wasm/opcodes.def"
};

// The prefix is 0 for an instruction of one byte. Numbers from 65 535 on have no rows; one code
// represents them all.
constexpr uint32_t kNumbers = 0xffff;
constexpr uint32_t code_of(uint8_t prefix, uint32_t number) {
  return uint32_t{prefix} << 16 | std::min(number, kNumbers);
}
constexpr uint8_t prefix_of(Op op) { return static_cast<uint8_t>(static_cast<uint32_t>(op) >> 16); }
constexpr uint32_t number_of(Op op) { return static_cast<uint32_t>(op) & kNumbers; }
inline constexpr uint8_t kPrefix = 0xfc;  // of saturating conversions and bulk operations
inline constexpr uint8_t kVectorPrefix = 0xfd;
constexpr bool is_vector(Op op) { return prefix_of(op) == kVectorPrefix; }

// The family of an instruction, from the table's column `kind`.
enum class OpKind : uint8_t {
  Control,     // blocks, their ends, nop, unreachable
  Condition,   // takes a condition: if, br_if, select
  Branch,      // the other branches
  Call,        // of a function
  Parametric,  // drop
  Variable,    // locals and globals
  Load,
  Store,
  Memory,  // its size, and bulk operations
  Table,
  Constant,
  ZeroTest,    // a condition from one operand
  Comparison,  // a condition from two; of vectors, a mask from each pair of lanes
  Unary,
  Arithmetic,  // sums and products; quotients of floats
  Bitwise,     // and, or, xor
  Shift,
  Division,   // of integers
  Selection,  // one of two numbers or of their parts: min, max, copysign
  Conversion,
  Reference,
  Lanes,       // of a vector, taken out, put in or put in another order
  VectorTest,  // an i32 that says something of all lanes
};

// What an instruction does besides taking operands and giving results, as letters of the table.
enum class Effect : uint8_t {
  Branches = 1,  // b: control may go elsewhere than to the next one
  Traps = 2,     // t: it may trap
  Reads = 4,     // r: it reads linear memory
  Writes = 8,    // w: it writes linear memory, or changes its size
  Calls = 16,    // c: it calls a function
  Runtime = 32,  // s: compiled code calls the runtime for it
};

// A set of effects, as the table's column of the same name gives it.
class Effects {
 public:
  constexpr Effects() = default;
  // A letter without meaning is a CHECK, so that a table with one does not compile.
  consteval explicit Effects(std::string_view letters) {
    constexpr std::string_view kLetters = "btrwcs";
    for (const char letter : letters) {
      const size_t place = kLetters.find(letter);
      CHECK(place != std::string_view::npos);
      bits_ |= static_cast<uint8_t>(1u << place);
    }
  }
  constexpr bool has(Effect effect) const { return (bits_ & static_cast<uint8_t>(effect)) != 0; }

 private:
  uint8_t bits_ = 0;
};

// One row of the table. `text` is the spec's spelling, with static storage.
struct OpInfo {
  std::string_view text;
  Imm imm = Imm::None;
  Feature feature = Feature::mvp;
  OpKind kind = OpKind::Control;
  Effects effects;
  bool known = false;  // whether the table has this row
};

// The rows of one-byte instructions, by their byte.
inline constexpr std::array<OpInfo, 256> kByteOps = [] {
  std::array<OpInfo, 256> infos;
#define OP(code, ident, text, imm, feature, kind, effect)                                  \
  if constexpr (code < 256) {                                                              \
    CHECK(!infos[code].known);                                                             \
    infos[code] = {text, Imm::imm, Feature::feature, OpKind::kind, Effects(effect), true}; \
  }
#include "core/wasm/opcodes.def"
  return infos;
}();

// One more than the largest number of a row with `prefix`.
constexpr uint32_t numbers_behind(uint8_t prefix) {
  uint32_t count = 0;
#define OP(code, ident, text, imm, feature, kind, effect) \
  if (prefix_of(Op::ident) == prefix) count = std::max(count, number_of(Op::ident) + 1);
#include "core/wasm/opcodes.def"
  return count;
}

// The row of any code; `known` is false where there is none.
const OpInfo& op_info(Op op);

}  // namespace cordon::wasm
