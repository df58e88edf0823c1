// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Frame, control, calls, context and tests of the macro assembler.
#include "core/abi/frame.h"
#include "core/jit/masm/bookkeeping_inl.h"
#include "core/jit/masm/masm.h"
#include "core/jit/masm/x64/operand.h"

namespace cordon::jit::masm {

template class Bookkeeping<x64::Assembler>;

using namespace x64;

namespace {

static_assert(number(kScratch) == abi::kForeignFunc);

constexpr Cond to_cond(Test test) {
  switch (test) {
    case Test::FEq:
    case Test::Eq: return Cond::Equal;
    case Test::FNe:
    case Test::Ne: return Cond::NotEqual;
    case Test::LtS: return Cond::Less;
    case Test::GeS: return Cond::GreaterEqual;
    case Test::GtS: return Cond::Greater;
    case Test::LeS: return Cond::LessEqual;
    case Test::LtU: return Cond::Below;
    case Test::FGe:
    case Test::GeU: return Cond::AboveEqual;
    case Test::FGt:
    case Test::GtU: return Cond::Above;
    case Test::FNotGt:
    case Test::LeU: return Cond::BelowEqual;
    case Test::FNotGe: return Cond::Below;
  }
  return Cond::Equal;
}

}  // namespace

MacroAssembler::MacroAssembler(abi::Target target) : target_(target) {}

bool MacroAssembler::end() {
  for (PendingForeign& call : pending_foreign_) {
    at(call.wasm_offset);
    bind(call.foreign);
    make_foreign_call(call);
    dead_ = true;
  }
  for (const PendingTrap& trap : pending_traps_) {
    at(trap.wasm_offset);
    asm_.bind(trap.label);
    add_trap_site(trap.trap);
    asm_.ud2();
  }
  return finish();
}

// Frame

// [S1] Before anything is written below rsp.
template <class Target>
void MacroAssembler::make_frame(uint32_t frame_size, Target exhausted) {
  const Mem limit = mem(r14, offsetof(abi::VmContext, stack_limit));
  const bool small = frame_size <= abi::kSmallFrame;
  if (small) {
    asm_.cmp(W64, rsp, limit);
  } else {
    asm_.lea(W64, gpr(kScratch), mem(rsp, -int64_t{frame_size}));
    asm_.cmp(W64, gpr(kScratch), limit);
  }
  asm_.jcc(Cond::Below, exhausted);
  if (frame_size != 0) asm_.sub(W64, rsp, frame_size);
  // [R2] The guest must not learn where the stack is.
  if (!small) asm_.xor_(W32, gpr(kScratch), gpr(kScratch));
}

void MacroAssembler::prologue(uint32_t frame_size, uint32_t exhausted_at) {
  make_frame(frame_size, External{kRefersToBody | exhausted_at});
}
void MacroAssembler::prologue(uint32_t frame_size, emit::Label exhausted) {
  make_frame(frame_size, exhausted);
}

void MacroAssembler::charge_entry(uint32_t fuel, uint32_t exhausted_at) {
  asm_.sub(W64, mem(r14, offsetof(abi::VmContext, fuel)), fuel);
  asm_.jcc(Cond::Sign, External{kRefersToBody | exhausted_at});
}

void MacroAssembler::charge_round(uint32_t fuel) {
  asm_.sub(W64, mem(r14, offsetof(abi::VmContext, fuel)), int64_t{fuel});
  asm_.jcc(Cond::Sign, trap_label(Trap::fuel_exhausted));
}

void MacroAssembler::leave_frame(uint32_t frame_size) {
  if (frame_size != 0) asm_.add(W64, rsp, frame_size);
}

void MacroAssembler::epilogue(uint32_t frame_size, uint32_t results_u32) {
  if ((u32_ & results_u32) != results_u32) fail(diag::fact_missing);
  leave_frame(frame_size);
  asm_.ret();
  dead_ = true;
}

// Control

void MacroAssembler::jump(Join& to) {
  flow_to(to);
  asm_.jmp(to.label);
  dead_ = true;
}

void MacroAssembler::jcc(Cond cond, Join& to) {
  flow_to(to);
  asm_.jcc(cond, to.label);
}

// Equality of floats needs two flags: a NaN sets ZF and PF.
void MacroAssembler::branch(Test test, Join& to) {
  if (test == Test::FNe) {
    jcc(Cond::NotEqual, to);
    jcc(Cond::Parity, to);
  } else if (test == Test::FEq) {
    Join over = new_join();
    jcc(Cond::Parity, over);
    jcc(Cond::Equal, to);
    bind(over);
  } else {
    jcc(to_cond(test), to);
  }
}

void MacroAssembler::branch_to_trap(Test test, emit::Label label) {
  asm_.jcc(to_cond(test), label);
}

void MacroAssembler::trap(Trap trap) {
  add_trap_site(trap);
  asm_.ud2();
  dead_ = true;
}

void MacroAssembler::jump_table(std::span<Join* const> targets, Join& otherwise) {
  const auto count = static_cast<uint32_t>(targets.size());
  const uint32_t table = table_for(targets.size());
  const Gpr index = gpr(kIndex);
  asm_.cmp(W32, index, count);
  jcc(Cond::AboveEqual, otherwise);
  asm_.lea(W64, gpr(kScratch), rip(External{kRefersToRodata | table}));
  asm_.movsxd(index, mem_scaled(gpr(kScratch), index, 4));
  asm_.add(W64, index, gpr(kScratch));
  u32_ &= ~(bit(kIndex) | bit(kScratch));
  asm_.jmp(index);
  fill_table(table, targets);
  dead_ = true;
}

// Calls

void MacroAssembler::call(uint32_t function, uint32_t params_u32, bool result_u32) {
  if ((params_u32 & ~u32_) != 0) fail(diag::fact_missing);
  asm_.call(External{function});
  call_made(result_u32);
}

void MacroAssembler::call_own(uint32_t function, uint32_t params_u32, bool result_u32) {
  if ((params_u32 & ~u32_) != 0) fail(diag::fact_missing);
  asm_.mov(W32, gpr(kScratch), int64_t{function});
  asm_.call(mem(r14, abi::offset_of(abi::Builtin::call_own)));
  call_made(result_u32);
}

void MacroAssembler::call(abi::Builtin builtin) {
  asm_.call(mem(r14, abi::offset_of(builtin)));
  call_made(false);
}

// The fixed sequence, up to where the function is known to be this instance's; its parts are not to
// be reordered.
MacroAssembler::PendingForeign MacroAssembler::find_callee(uint32_t table, uint32_t type_id,
                                                           uint32_t params_u32) {
  if (((params_u32 | bit(kIndex)) & ~u32_) != 0) fail(diag::fact_missing);
  const Gpr index = gpr(kIndex), func = gpr(kScratch);
  asm_.mov(W64, func, mem(r14, table));
  asm_.cmp(W32, index, mem(func, offsetof(abi::TableView, size)));
  asm_.jcc(Cond::AboveEqual, trap_label(Trap::undefined_element));
  asm_.mov(W64, func, mem(func, offsetof(abi::TableView, elements)));
  asm_.mov(W64, func, mem_scaled(func, index, 8));
  asm_.test(W64, func, func);
  asm_.jcc(Cond::Equal, trap_label(Trap::uninitialized_element));
  asm_.mov(W32, index, mem(r14, type_id));
  asm_.cmp(W32, index, mem(func, offsetof(abi::FuncView, type_id)));
  asm_.jcc(Cond::NotEqual, trap_label(Trap::indirect_call_type_mismatch));
  asm_.cmp(W64, r14, mem(func, offsetof(abi::FuncView, context)));
  PendingForeign foreign{new_join(), new_join(), wasm_offset_, false};
  u32_ = params_u32;
  jcc(Cond::NotEqual, foreign.foreign);
  asm_.mov(W64, func, mem(func, offsetof(abi::FuncView, entry)));
  return foreign;
}

void MacroAssembler::call_indirect(uint32_t table, uint32_t type_id, uint32_t params_u32,
                                   bool result_u32) {
  PendingForeign foreign = find_callee(table, type_id, params_u32);
  foreign.result_u32 = result_u32;
  asm_.call(gpr(kScratch));
  call_made(result_u32);
  foreign.back.u32 = u32_;
  bind(foreign.back);
  pending_foreign_.add(foreign);
}

void MacroAssembler::make_foreign_call(PendingForeign& call) {
  if (call.is_tail) {
    leave_frame(call.frame_size);
    return asm_.jmp(mem(r14, abi::offset_of(abi::Builtin::return_call_foreign)));
  }
  asm_.call(mem(r14, abi::offset_of(abi::Builtin::call_foreign)));
  call_made(false);
  if (call.result_u32) mov(Size::S32, kResult, kResult);
  asm_.jmp(call.back.label);
}

// Tail calls

void MacroAssembler::return_call(uint32_t function, uint32_t params_u32, uint32_t frame_size) {
  if ((params_u32 & ~u32_) != 0) fail(diag::fact_missing);
  leave_frame(frame_size);
  asm_.jmp(External{function});
  dead_ = true;
}

void MacroAssembler::return_call_import(uint32_t function, uint32_t params_u32,
                                        uint32_t frame_size) {
  return_call_by(abi::Builtin::return_call_import, function, params_u32, frame_size);
}

void MacroAssembler::return_call_own(uint32_t function, uint32_t params_u32, uint32_t frame_size) {
  return_call_by(abi::Builtin::return_call_own, function, params_u32, frame_size);
}

void MacroAssembler::return_call_by(abi::Builtin builtin, uint32_t function, uint32_t params_u32,
                                    uint32_t frame_size) {
  if ((params_u32 & ~u32_) != 0) fail(diag::fact_missing);
  asm_.mov(W32, gpr(kScratch), int64_t{function});
  leave_frame(frame_size);
  asm_.jmp(mem(r14, abi::offset_of(builtin)));
  dead_ = true;
}

void MacroAssembler::return_call_indirect(uint32_t table, uint32_t type_id, uint32_t params_u32,
                                          uint32_t frame_size) {
  PendingForeign foreign = find_callee(table, type_id, params_u32);
  foreign.is_tail = true;
  foreign.frame_size = frame_size;
  leave_frame(frame_size);
  asm_.jmp(gpr(kScratch));
  dead_ = true;
  pending_foreign_.add(foreign);
}

// Context

void MacroAssembler::load_context(Size size, Reg dst, uint32_t field) {
  asm_.mov(width(size), gpr(dst), mem(r14, field));
  wrote(size, dst);
}
void MacroAssembler::load_context(FSize size, FReg dst, uint32_t field) {
  load(size, dst, mem(r14, field));
}
void MacroAssembler::store_context(Size size, uint32_t field, Reg src) {
  asm_.mov(width(size), mem(r14, field), gpr(src));
}
void MacroAssembler::store_context(FSize size, uint32_t field, FReg src) {
  store(size, mem(r14, field), src);
}

// Tests

void MacroAssembler::set(Test test, Reg dst) {
  const Gpr d = gpr(dst);
  asm_.setcc(to_cond(test), d);
  // A NaN makes equality false and difference true.
  if (test == Test::FEq || test == Test::FNe) {
    asm_.setcc(test == Test::FEq ? Cond::NoParity : Cond::Parity, gpr(kScratch));
    if (test == Test::FEq) {
      asm_.and_(W8, d, gpr(kScratch));
    } else {
      asm_.or_(W8, d, gpr(kScratch));
    }
    u32_ &= ~bit(kScratch);
  }
  asm_.movzx8(W32, d, d);
  wrote(Size::S32, dst);
}

void MacroAssembler::select(Test test, Size size, Reg dst, Reg if_true) {
  const Width w = width(size);
  if (test == Test::FEq) {
    // if_true only if equal and ordered: take it if equal, then take it back.
    asm_.mov(W64, gpr(kScratch), gpr(dst));
    asm_.cmov(w, Cond::Equal, gpr(dst), gpr(if_true));
    asm_.cmov(w, Cond::Parity, gpr(dst), gpr(kScratch));
    u32_ &= ~bit(kScratch);
  } else {
    asm_.cmov(w, to_cond(test), gpr(dst), gpr(if_true));
    if (test == Test::FNe) asm_.cmov(w, Cond::Parity, gpr(dst), gpr(if_true));
  }
  wrote(size, dst);
}

void MacroAssembler::select(Test test, FSize size, FReg dst, FReg if_true) {
  Join keep = new_join();
  branch(negate(test), keep);
  mov(size, dst, if_true);
  bind(keep);
}

}  // namespace cordon::jit::masm
