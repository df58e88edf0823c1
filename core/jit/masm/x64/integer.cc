// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer operations, moves and linear memory of the macro assembler.
#include <algorithm>
#include <bit>

#include "core/jit/masm/masm.h"
#include "core/jit/masm/x64/heap_inl.h"
#include "core/jit/masm/x64/operand.h"

namespace cordon::jit::masm {

using namespace x64;

// Moves

void MacroAssembler::mov(Size size, Reg dst, Reg src) {
  if (dst == src && (size == Size::S64 || (u32_ & bit(src)) != 0)) return;
  asm_.mov(width(size), gpr(dst), gpr(src));
  if (size == Size::S32) return wrote(size, dst);
  u32_ = (u32_ & bit(src)) != 0 ? u32_ | bit(dst) : u32_ & ~bit(dst);
}

void MacroAssembler::mov(Size size, Reg dst, int64_t value) {
  asm_.mov(width(size), gpr(dst), value);
  const bool short_form = size == Size::S32 || value == static_cast<uint32_t>(value);
  wrote(short_form ? Size::S32 : Size::S64, dst);
}

void MacroAssembler::zero(Reg dst) {
  asm_.xor_(W32, gpr(dst), gpr(dst));
  wrote(Size::S32, dst);
}

void MacroAssembler::load(Size size, Reg dst, uint32_t frame) {
  asm_.mov(width(size), gpr(dst), mem(rsp, frame));
  wrote(size, dst);
}
void MacroAssembler::store(Size size, uint32_t frame, Reg src) {
  asm_.mov(width(size), mem(rsp, frame), gpr(src));
}
void MacroAssembler::store(Size size, uint32_t frame, int32_t constant) {
  asm_.mov(width(size), mem(rsp, frame), constant);
}

// The memory form of an operand that is not in a register.
Mem MacroAssembler::source(const Operand& operand) {
  if (operand.is(Operand::Kind::Heap)) return heap(operand.heap);
  if (operand.is(Operand::Kind::Pool)) return rip(External{kRefersToRodata | operand.frame});
  return mem(rsp, operand.frame);
}

// Arithmetic

namespace {

void emit_alu(Assembler& a, Alu op, Width w, Gpr dst, Gpr src) {
  switch (op) {
    case Alu::Add: return a.add(w, dst, src);
    case Alu::Sub: return a.sub(w, dst, src);
    case Alu::And: return a.and_(w, dst, src);
    case Alu::Or: return a.or_(w, dst, src);
    case Alu::Xor: return a.xor_(w, dst, src);
  }
}
void emit_alu(Assembler& a, Alu op, Width w, Gpr dst, int64_t imm) {
  switch (op) {
    case Alu::Add: return a.add(w, dst, imm);
    case Alu::Sub: return a.sub(w, dst, imm);
    case Alu::And: return a.and_(w, dst, imm);
    case Alu::Or: return a.or_(w, dst, imm);
    case Alu::Xor: return a.xor_(w, dst, imm);
  }
}
void emit_alu(Assembler& a, Alu op, Width w, Gpr dst, const Mem& m) {
  switch (op) {
    case Alu::Add: return a.add(w, dst, m);
    case Alu::Sub: return a.sub(w, dst, m);
    case Alu::And: return a.and_(w, dst, m);
    case Alu::Or: return a.or_(w, dst, m);
    case Alu::Xor: return a.xor_(w, dst, m);
  }
}

// As an immediate of 32 bits with a sign, which for a 32-bit operation is the same number.
int64_t as_imm(Size size, int64_t value) {
  return size == Size::S32 ? static_cast<int32_t>(value) : value;
}

}  // namespace

void MacroAssembler::alu(Alu op, Size size, Reg dst, Reg lhs, const Operand& rhs) {
  const Width w = width(size);
  if (rhs.is(Operand::Kind::Const)) {
    const int64_t imm = as_imm(size, rhs.constant);
    const int64_t added = op == Alu::Sub ? -imm : imm;
    if (dst != lhs && op <= Alu::Sub && added == static_cast<int32_t>(added)) {
      asm_.lea(w, gpr(dst), mem(gpr(lhs), added));
    } else {
      mov(size, dst, lhs);
      emit_alu(asm_, op, w, gpr(dst), imm);
      flags_of(size, dst);
    }
  } else if (rhs.is(Operand::Kind::Reg)) {
    Reg right = rhs.as_reg();
    if (dst != lhs && op == Alu::Add && dst != right) {
      asm_.lea(w, gpr(dst), mem(gpr(lhs), gpr(right)));
      return wrote(size, dst);
    }
    if (dst == right && dst != lhs) {
      if (op == Alu::Sub) {
        asm_.neg(w, gpr(dst));
        op = Alu::Add;
      }
      right = lhs;
    } else {
      mov(size, dst, lhs);
    }
    emit_alu(asm_, op, w, gpr(dst), gpr(right));
    flags_of(size, dst);
  } else {
    const bool is_index = rhs.is(Operand::Kind::Heap) && rhs.heap.index == dst && dst != lhs;
    const Reg into = is_index ? kScratch : dst;
    mov(size, into, lhs);
    emit_alu(asm_, op, w, gpr(into), source(rhs));
    wrote(size, into);
    mov(size, dst, into);
  }
  wrote(size, dst);
}

void MacroAssembler::mul(Size size, Reg dst, Reg lhs, const Operand& rhs) {
  const Width w = width(size);
  if (rhs.is(Operand::Kind::Const)) {
    asm_.imul(w, gpr(dst), gpr(lhs), as_imm(size, rhs.constant));
  } else if (rhs.is(Operand::Kind::Reg)) {
    Reg right = rhs.as_reg();
    if (dst == right) {
      right = lhs;
    } else {
      mov(size, dst, lhs);
    }
    asm_.imul(w, gpr(dst), gpr(right));
  } else {
    const bool is_index = rhs.is(Operand::Kind::Heap) && rhs.heap.index == dst && dst != lhs;
    const Reg into = is_index ? kScratch : dst;
    mov(size, into, lhs);
    asm_.imul(w, gpr(into), source(rhs));
    wrote(size, into);
    mov(size, dst, into);
  }
  wrote(size, dst);
}

void MacroAssembler::add_scaled(Size size, Reg dst, Reg base, Reg index, unsigned log2) {
  asm_.lea(width(size), gpr(dst), mem_scaled(gpr(base), gpr(index), 1u << log2));
  wrote(size, dst);
}

void MacroAssembler::shift(Shift op, Size size, Reg dst, Reg lhs, unsigned count) {
  const Width w = width(size);
  mov(size, dst, lhs);
  switch (op) {
    case Shift::Shl: asm_.shl(w, gpr(dst), count); break;
    case Shift::ShrS: asm_.sar(w, gpr(dst), count); break;
    case Shift::ShrU: asm_.shr(w, gpr(dst), count); break;
    case Shift::Rotl: asm_.rol(w, gpr(dst), count); break;
    case Shift::Rotr: asm_.ror(w, gpr(dst), count); break;
  }
  wrote(size, dst);
}

bool MacroAssembler::shift_is_flexible(Shift op) const {
  return op <= Shift::ShrU && target_.has(abi::CpuFeature::Bmi2);
}

void MacroAssembler::shift(Shift op, Size size, Reg dst, Reg lhs, Reg count) {
  const Width w = width(size);
  if (shift_is_flexible(op)) {
    switch (op) {
      case Shift::Shl: asm_.shlx(w, gpr(dst), gpr(lhs), gpr(count)); break;
      case Shift::ShrS: asm_.sarx(w, gpr(dst), gpr(lhs), gpr(count)); break;
      default: asm_.shrx(w, gpr(dst), gpr(lhs), gpr(count)); break;
    }
    return wrote(size, dst);
  }
  mov(size, dst, lhs);
  switch (op) {
    case Shift::Shl: asm_.shl_cl(w, gpr(dst)); break;
    case Shift::ShrS: asm_.sar_cl(w, gpr(dst)); break;
    case Shift::ShrU: asm_.shr_cl(w, gpr(dst)); break;
    case Shift::Rotl: asm_.rol_cl(w, gpr(dst)); break;
    case Shift::Rotr: asm_.ror_cl(w, gpr(dst)); break;
  }
  wrote(size, dst);
}

// bsr and bsf leave the destination as it was (or undefined) when the source is zero, and set ZF.
void MacroAssembler::count(Count op, Size size, Reg dst, Reg src) {
  const Width w = width(size);
  const int64_t bits = size == Size::S32 ? 32 : 64;
  if (op == Count::Ones) {
    asm_.popcnt(w, gpr(dst), gpr(src));
  } else if (op == Count::TrailingZeros && target_.has(abi::CpuFeature::Bmi1)) {
    asm_.tzcnt(w, gpr(dst), gpr(src));
  } else if (op == Count::LeadingZeros && target_.has(abi::CpuFeature::Lzcnt)) {
    asm_.lzcnt(w, gpr(dst), gpr(src));
  } else if (op == Count::TrailingZeros) {
    mov(Size::S32, kScratch, bits);
    asm_.bsf(w, gpr(dst), gpr(src));
    asm_.cmov(w, Cond::Equal, gpr(dst), gpr(kScratch));
  } else {
    mov(Size::S32, kScratch, 2 * bits - 1);
    asm_.bsr(w, gpr(dst), gpr(src));
    asm_.cmov(w, Cond::Equal, gpr(dst), gpr(kScratch));
    asm_.xor_(w, gpr(dst), bits - 1);
  }
  wrote(size, dst);
}

void MacroAssembler::narrow(Reg dst, Reg src) {
  if (dst == src && (u32_ & bit(src)) != 0) return;
  asm_.mov(W32, gpr(dst), gpr(src));
  wrote(Size::S32, dst);
}

void MacroAssembler::extend(Size size, unsigned from_bytes, Reg dst, Reg src) {
  const Width w = width(size);
  if (from_bytes == 1) asm_.movsx8(w, gpr(dst), gpr(src));
  if (from_bytes == 2) asm_.movsx16(w, gpr(dst), gpr(src));
  if (from_bytes == 4) asm_.movsxd(gpr(dst), gpr(src));
  wrote(size, dst);
}

// The least number divided by -1 overflows; `cmp a, 1` overflows for the least number alone.
void MacroAssembler::divide(Div op, Size size, Reg divisor, DivFacts facts) {
  const Width w = width(size);
  const bool is_signed = op == Div::DivS || op == Div::RemS;
  const Gpr d = gpr(divisor);
  Join done = new_join();
  if (facts.may_be_zero) {
    asm_.test(w, d, d);
    asm_.jcc(Cond::Equal, trap_label(Trap::integer_divide_by_zero));
  }
  if (!is_signed) {
    zero(kRemainder);
    asm_.div(w, d);
  } else {
    if (facts.may_be_minus_one) {
      Join regular = new_join();
      if (op == Div::RemS) zero(kRemainder);
      asm_.cmp(w, d, -1);
      if (op == Div::RemS) {
        jcc(Cond::Equal, done);
      } else {
        jcc(Cond::NotEqual, regular);
        asm_.cmp(w, gpr(kDividend), 1);
        asm_.jcc(Cond::Overflow, trap_label(Trap::integer_overflow));
        bind(regular);
      }
    }
    if (size == Size::S32) {
      asm_.cdq();
    } else {
      asm_.cqo();
    }
    asm_.idiv(w, d);
  }
  wrote(size, kDividend);
  wrote(size, kRemainder);
  if (done.used) bind(done);
}

void MacroAssembler::compare(Size size, Reg lhs, const Operand& rhs) {
  const Width w = width(size);
  if (rhs.is(Operand::Kind::Const)) {
    const int64_t imm = as_imm(size, rhs.constant);
    if (imm == 0) {
      asm_.test(w, gpr(lhs), gpr(lhs));
    } else {
      asm_.cmp(w, gpr(lhs), imm);
    }
  } else if (rhs.is(Operand::Kind::Reg)) {
    asm_.cmp(w, gpr(lhs), gpr(rhs.as_reg()));
  } else {
    asm_.cmp(w, gpr(lhs), source(rhs));
  }
}

void MacroAssembler::test_zero(Size size, Reg r) {
  if (flags_.at == asm_.offset() && flags_.reg == r && flags_.size == size) return;
  asm_.test(width(size), gpr(r), gpr(r));
}

void MacroAssembler::test(Size size, Reg lhs, const Operand& rhs) {
  const Width w = width(size);
  if (rhs.is(Operand::Kind::Const)) {
    asm_.test(w, gpr(lhs), as_imm(size, rhs.constant));
  } else if (rhs.is(Operand::Kind::Reg)) {
    asm_.test(w, gpr(lhs), gpr(rhs.as_reg()));
  } else {
    asm_.test(w, source(rhs), gpr(lhs));
  }
}

// Linear memory; see heap_inl.h for the rest.

// [M1] A carry out of 32 bits is an address of 4 GiB or more, which no memory has. Without one the
// sum is u32.
HeapAddress MacroAssembler::heap_sum(Reg index, uint32_t offset, Reg scratch) {
  mov(Size::S32, scratch, index);
  asm_.add(W32, gpr(scratch), offset);
  wrote(Size::S32, scratch);
  asm_.jcc(Cond::Below, trap_label(Trap::out_of_bounds_memory_access));
  return {scratch, 0};
}

void MacroAssembler::store(unsigned bytes, HeapAddress to, int32_t constant) {
  const unsigned bits = 8 * std::min(bytes, 4u);
  const auto low =
      static_cast<int32_t>(static_cast<uint32_t>(constant) << (32 - bits)) >> (32 - bits);
  asm_.mov(static_cast<Width>(std::countr_zero(bytes)), heap(to), low);
}
}  // namespace cordon::jit::masm
