// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What throws and what catches: rows of Compiler. Blocks says how a block that catches is entered
// and left (catching.cc); the runtime makes exceptions and finds who catches.
#include "core/jit/baseline/compiler.h"
#include "core/jit/baseline/operands_inl.h"

namespace cordon::jit::baseline {

const std::vector<ValType>& Compiler::payload_of(wasm::TagIdx tag) const {
  return module_.types[module_.tags[tag.value].value].params;
}

// A builtin that throws does not come back.
void Compiler::thrown() {
  masm_.trap(Trap::unreachable);
  blocks_.leave();
}

void Compiler::throw_(const wasm::immediate::Tag& operands) {
  calls_.throw_new(operands.tag.value, payload_of(operands.tag));
  thrown();
}

void Compiler::throw_ref(const wasm::immediate::None&) {
  calls_.call(abi::Builtin::throw_ref, {}, 1);
  thrown();
}

void Compiler::try_table(const wasm::immediate::TryTable& operands) {
  blocks_.open_try_table(operands, position_.offset());
}

// Legacy

void Compiler::try_(const wasm::immediate::Block& operands) { blocks_.open_try(operands.type); }

void Compiler::catch_(const wasm::immediate::Tag& operands) {
  const std::vector<ValType>& payload = payload_of(operands.tag);
  blocks_.start_catch(wasm::BlockKind::Catch, payload, position_.offset());
  calls_.push_copied(payload, 0);
}

void Compiler::catch_all(const wasm::immediate::None&) {
  blocks_.start_catch(wasm::BlockKind::CatchAll, {}, position_.offset());
}

void Compiler::rethrow(const wasm::immediate::Label& operands) {
  const Reg exception = operands_.alloc<Reg>();
  masm_.load(Size::S64, exception, blocks_.caught_by(operands.label));
  operands_.push_reg(ValType::exnref, exception);
  throw_ref({});
}

// Whose handlers are looked at next, validation has noted.
void Compiler::delegate(const wasm::immediate::Label&) { blocks_.end(); }

}  // namespace cordon::jit::baseline
