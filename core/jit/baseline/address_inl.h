// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The addresses of memory rows.
#pragma once

#include "core/jit/baseline/compiler.h"
#include "core/jit/baseline/operands_inl.h"

namespace cordon::jit::baseline {

// [M1] The address for the macro assembler; `value` stays locked as long as the address is used.
CORDON_INLINE inline masm::HeapAddress Compiler::address(Value& value, uint32_t offset) {
  if (value.is(Kind::Const) && value.bits + offset < masm::kDispLimit) {
    return masm::MacroAssembler::constant_address(static_cast<uint32_t>(value.bits + offset));
  }
  return masm_.heap_address(operands_.in<Reg>(value), offset, masm::kScratch);
}

}  // namespace cordon::jit::baseline
