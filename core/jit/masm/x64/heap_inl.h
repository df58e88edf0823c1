// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linear memory in MacroAssembler, to be inlined where the width is a constant: every third
// instruction of a module is a load or a store. Read through core/jit/masm/heap_inl.h.
#pragma once

#include <bit>

#include "core/jit/masm/masm.h"
#include "core/jit/masm/x64/operand.h"

namespace cordon::jit::masm {

[[gnu::always_inline]] inline HeapAddress MacroAssembler::heap_address(Reg index, uint32_t offset,
                                                                       Reg scratch) {
  if (offset < kDispLimit) [[likely]]
    return {index, offset};  // [M1]
  return heap_sum(index, offset, scratch);
}

// [M1] The only maker of operands on the memory's base. Each use is an access, so the next
// instruction is a trap site.
[[gnu::always_inline]] inline x64::Mem MacroAssembler::heap(HeapAddress address) {
  add_trap_site(Trap::out_of_bounds_memory_access);
  if (address.disp >= kDispLimit) fail(diag::bad_displacement);
  if (address.index == Reg::none) return mem(x64::r15, address.disp);
  if ((u32_ & bit(address.index)) == 0) fail(diag::fact_missing);
  return mem(x64::r15, gpr(address.index), address.disp);
}

[[gnu::always_inline]] inline void MacroAssembler::load(unsigned bytes, bool is_signed, Size size,
                                                        Reg dst, HeapAddress from) {
  const x64::Mem m = heap(from);
  const x64::Gpr d = gpr(dst);
  const x64::Width w = is_signed ? width(size) : x64::W32;
  switch (bytes) {
    case 1: is_signed ? asm_.movsx8(w, d, m) : asm_.movzx8(w, d, m); break;
    case 2: is_signed ? asm_.movsx16(w, d, m) : asm_.movzx16(w, d, m); break;
    case 4:
      if (is_signed && size == Size::S64) {
        asm_.movsxd(d, m);
      } else {
        asm_.mov(x64::W32, d, m);
      }
      break;
    default: asm_.mov(x64::W64, d, m);
  }
  wrote(bytes == 8 || (is_signed && size == Size::S64) ? Size::S64 : Size::S32, dst);
}

[[gnu::always_inline]] inline void MacroAssembler::store(unsigned bytes, HeapAddress to, Reg src) {
  asm_.mov(static_cast<x64::Width>(std::countr_zero(bytes)), heap(to), gpr(src));
}
[[gnu::always_inline]] inline void MacroAssembler::load(FSize size, FReg dst, HeapAddress from) {
  const x64::Mem m = heap(from);
  size == FSize::V128 ? asm_.movup(x64::F32, xmm(dst), m) : asm_.movs(fwidth(size), xmm(dst), m);
}
[[gnu::always_inline]] inline void MacroAssembler::store(FSize size, HeapAddress to, FReg src) {
  const x64::Mem m = heap(to);
  size == FSize::V128 ? asm_.movup(x64::F32, m, xmm(src)) : asm_.movs(fwidth(size), m, xmm(src));
}

}  // namespace cordon::jit::masm
