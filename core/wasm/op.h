// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Op: the instructions, from opcodes.def, and what a program can ask about a row.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/wasm/features.h"
#include "core/wasm/imm.h"

namespace cordon::wasm {

// The enumerator's value is the row's code: the byte, or 0xfc00 + number.
enum class Op : uint16_t {
#define OP(code, ident, text, imm, feature) ident = code,
#include "core/wasm/opcodes.def"
};

struct OpInfo {
  std::string_view text;
  Imm imm;
  Feature feature;
  bool known;
};

// By byte, and by number behind the prefix; `known` is false where there is no row.
inline constexpr uint32_t kPrefixedOps = 0x12;
inline constexpr uint8_t kPrefix = 0xfc;
const OpInfo& op_info(Op op);

}  // namespace cordon::wasm
