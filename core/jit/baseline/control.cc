// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Control rows of Compiler: Blocks implements them.
#include "core/jit/baseline/compiler.h"

namespace cordon::jit::baseline {

void Compiler::unreachable(const wasm::immediate::None&) {
  masm_.trap(Trap::unreachable);
  blocks_.leave();
}

void Compiler::nop(const wasm::immediate::None&) {}

void Compiler::block(const wasm::immediate::Block& operands) { blocks_.open_block(operands.type); }

void Compiler::loop(const wasm::immediate::Block& operands) {
  const wasm::LoopUse& use = blocks_.open_loop(operands.type);
  if (options_.loop_entries && !blocks_.catches()) {
    loop_entries_.note(position_.offset(), blocks_.loop_head());
  }
  if (options_.fuel) masm_.charge_round(use.fuel);
}

void Compiler::if_(const wasm::immediate::Block& operands) { blocks_.open_if(operands.type); }
void Compiler::else_(const wasm::immediate::None&) { blocks_.start_else(); }
void Compiler::end(const wasm::immediate::None&) { blocks_.end(); }

void Compiler::br(const wasm::immediate::Label& operands) { blocks_.branch(operands.label); }
void Compiler::br_if(const wasm::immediate::Label& operands) { blocks_.branch_if(operands.label); }
void Compiler::br_table(const wasm::immediate::LabelTable& operands) {
  blocks_.branch_by_table(operands);
}
void Compiler::return_(const wasm::immediate::None&) { blocks_.branch_to_end(); }

}  // namespace cordon::jit::baseline
