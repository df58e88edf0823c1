// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rows: opcodes.def as the generator reads it, one Row an instruction. A row added to the table is
// generated from then on; a CONTROL row needs a method of BodyGen, without which it does not link.
#pragma once

#include <cstdint>
#include <span>

#include "core/wasm/op.h"
#include "core/wasm/types.h"
#include "fuzz/gen/plan.h"

namespace cordon::fuzz {

enum class RowKind : uint8_t { Control, Fixed, Pure, Load, Store };

struct Row {
  wasm::Op op;
  RowKind kind;
  wasm::Imm imm;
  std::span<const wasm::ValType> params = {}, results = {};  // not of Control
  uint8_t width = 0;                                         // bytes accessed, of Load and Store
  bool may_trap = false;                                     // of Pure
  bool reads_nan = false;   // reveals the bits of a float, and so a NaN's payload
  bool moves_bits = false;  // its float result is bits copied from elsewhere
  bool relaxed = false;     // its result is not the same in every engine
  uint8_t lanes = 0;        // of a vector, the immediate being one of them
  uint8_t nan_width = 0;    // bytes of the lanes of its result that may be computed NaNs
};

// All rows, whatever a module may have.
std::span<const Row> rows();
// The rows that a module may have; the Pure rows among them that give `type`, and those whose last
// operand is one; none for references.
std::span<const Row* const> rows(Vectors vectors);
std::span<const Row* const> rows_giving(wasm::ValType type, Vectors vectors);
std::span<const Row* const> rows_taking(wasm::ValType type, Vectors vectors);

}  // namespace cordon::fuzz
