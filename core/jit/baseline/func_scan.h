// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FuncScan: the uses of a function (core/wasm/func_uses.h) whose validation did not note them, in
// one quick pass over its body. Nothing they say is needed for safety, only for the quality of the
// code, but for the outgoing area's size.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/inline_call.h"
#include "core/wasm/cursor.h"
#include "core/wasm/decode_op.h"
#include "core/wasm/func_uses.h"
#include "core/wasm/validated.h"

namespace cordon::jit {

class FuncScan {
 public:
  // `module` outlives this.
  explicit FuncScan(const wasm::Module& module) : module_(module), notes_(module.types.size()) {}

  // Good until the next one.
  wasm::FuncUses scan(const wasm::ValidatedFunc& func);

 private:
  friend wasm::ValidatedOpReader;
#define OP(code, ident, text, imm, feature) \
  CORDON_INLINE void ident(const wasm::immediate::imm& operands) { see<wasm::Op::ident>(operands); }
#include "core/wasm/opcodes.def"

  template <wasm::Op kOp, class Immediates>
  CORDON_INLINE void see(const Immediates& operands);
  void close();

  const wasm::Module& module_;
  wasm::UseNotes notes_;
  // Of the blocks that are open: what a round costs if it is a loop, else kNoLoop.
  static constexpr uint32_t kNoLoop = ~uint32_t{0};
  std::vector<uint32_t> blocks_;
  std::span<const wasm::SideEntry> side_table_;
  size_t side_ = 0;      // entry of the instruction at hand, see side_table.h
  uint32_t offset_ = 0;  // of a decoded instruction
};

}  // namespace cordon::jit
