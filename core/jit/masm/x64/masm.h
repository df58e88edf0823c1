// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MacroAssembler for x86-64: the concept Masm (core/jit/masm/concept.h has the contract of each
// function) in the shapes of docs/generated-code.md. Read through core/jit/masm/masm.h.
#pragma once

#include <span>

#include "core/abi/target.h"
#include "core/abi/vmctx.h"
#include "core/asm/x64/assembler.h"
#include "core/jit/masm/bookkeeping.h"

namespace cordon::jit::masm {

extern template class Bookkeeping<x64::Assembler>;

// For one function after the other, on one thread.
class MacroAssembler : public Bookkeeping<x64::Assembler> {
 public:
  // `target` says which instructions beyond the least processor's may be used.
  explicit MacroAssembler(abi::Target target);
  // Ends the function; false if it failed.
  bool end();

  // Frame
  void prologue(uint32_t frame_size, uint32_t exhausted_at);
  void prologue(uint32_t frame_size, emit::Label exhausted);
  void charge_entry(uint32_t fuel, uint32_t exhausted_at);
  void charge_round(uint32_t fuel);
  void epilogue(uint32_t frame_size, uint32_t results_u32);

  // Moves
  void mov(Size size, Reg dst, Reg src);
  void mov(Size size, Reg dst, int64_t constant);
  void mov(FSize size, FReg dst, FReg src);
  void mov(FSize size, FReg dst, uint64_t bits);
  void load(Size size, Reg dst, uint32_t frame);
  void load(FSize size, FReg dst, uint32_t frame);
  void store(Size size, uint32_t frame, Reg src);
  void store(FSize size, uint32_t frame, FReg src);
  void store(Size size, uint32_t frame, int32_t constant);
  void zero_pair(uint32_t frame);
  void zero_scratch();
  void zero(Reg dst);

  // Integers
  static bool takes(Size size, int64_t constant) {
    return size == Size::S32 || constant == static_cast<int32_t>(constant);
  }
  void alu(Alu op, Size size, Reg dst, Reg lhs, const Operand& rhs);
  void mul(Size size, Reg dst, Reg lhs, const Operand& rhs);
  void add_scaled(Size size, Reg dst, Reg base, Reg index, unsigned log2);
  void shift(Shift op, Size size, Reg dst, Reg lhs, unsigned count);
  bool shift_is_flexible(Shift op) const;
  void shift(Shift op, Size size, Reg dst, Reg lhs, Reg count);
  void count(Count op, Size size, Reg dst, Reg src);
  using DivFacts = masm::DivFacts;
  void divide(Div op, Size size, Reg divisor, DivFacts facts);
  void extend(Size size, unsigned from_bytes, Reg dst, Reg src);
  void narrow(Reg dst, Reg src);

  // Tests
  void compare(Size size, Reg lhs, const Operand& rhs);
  void test(Size size, Reg lhs, const Operand& rhs);
  void test_zero(Size size, Reg r);
  void fcompare(FSize size, FReg lhs, const Operand& rhs);
  void set(Test test, Reg dst);
  void select(Test test, Size size, Reg dst, Reg if_true);
  void select(Test test, FSize size, FReg dst, FReg if_true);

  // Control
  void jump(Join& to);
  void branch(Test test, Join& to);
  void trap_if(Test test, Trap trap) { branch_to_trap(test, trap_label(trap)); }
  void trap(Trap trap);
  void jump_table(std::span<Join* const> targets, Join& otherwise);

  // Calls
  void call(uint32_t function, uint32_t params_u32, bool result_u32);
  void call_indirect(uint32_t table, uint32_t type_id, uint32_t params_u32, bool result_u32);
  void call_own(uint32_t function, uint32_t params_u32, bool result_u32);
  void call(abi::Builtin builtin);
  void return_call(uint32_t function, uint32_t params_u32, uint32_t frame_size);
  void return_call_import(uint32_t function, uint32_t params_u32, uint32_t frame_size);
  void return_call_own(uint32_t function, uint32_t params_u32, uint32_t frame_size);
  void return_call_indirect(uint32_t table, uint32_t type_id, uint32_t params_u32,
                            uint32_t frame_size);

  // Floats
  void fbinary(FBinary op, FSize size, FReg dst, FReg lhs, const Operand& rhs);
  void funary(FUnary op, FSize size, FReg dst, FReg src);
  void fmin(FSize size, FReg dst, FReg lhs, FReg rhs) { min_or_max(true, size, dst, lhs, rhs); }
  void fmax(FSize size, FReg dst, FReg lhs, FReg rhs) { min_or_max(false, size, dst, lhs, rhs); }
  void copysign(FSize size, FReg dst, FReg lhs, FReg sign);
  void truncate(Size to, bool is_signed, FSize from, Reg dst, FReg src);
  void truncate_saturating(Size to, bool is_signed, FSize from, Reg dst, FReg src);
  void convert(FSize to, Size from, bool is_signed, FReg dst, Reg src);
  void promote(FReg dst, FReg src);
  void demote(FReg dst, FReg src);
  void reinterpret(Size size, Reg dst, FReg src);
  void reinterpret(Size size, FReg dst, Reg src);

  // Linear memory, defined in heap_inl.h.
  HeapAddress heap_address(Reg index, uint32_t offset, Reg scratch);
  static HeapAddress constant_address(uint32_t disp) { return {Reg::none, disp}; }
  void load(unsigned bytes, bool is_signed, Size size, Reg dst, HeapAddress from);
  void load(FSize size, FReg dst, HeapAddress from);
  void store(unsigned bytes, HeapAddress to, Reg src);
  void store(unsigned bytes, HeapAddress to, int32_t constant);
  void store(FSize size, HeapAddress to, FReg src);

  // Fields of the context
  void load_context(Size size, Reg dst, uint32_t field);
  void load_context(FSize size, FReg dst, uint32_t field);
  void store_context(Size size, uint32_t field, Reg src);
  void store_context(FSize size, uint32_t field, FReg src);

  // Pads with no-operations to a multiple of 16 bytes.
  void align_loop() { asm_.align(16, x64::Assembler::Fill::Nop); }

 private:
  friend class Vectors;
  x64::Mem heap(HeapAddress address);
  HeapAddress heap_sum(Reg index, uint32_t offset, Reg scratch);
  x64::Mem source(const Operand& operand);
  void branch_to_trap(Test test, emit::Label label);
  void jcc(x64::Cond cond, Join& to);
  PendingForeign find_callee(uint32_t table, uint32_t type_id, uint32_t params_u32);
  void make_foreign_call(PendingForeign& call);
  void return_call_by(abi::Builtin builtin, uint32_t function, uint32_t params_u32,
                      uint32_t frame_size);
  template <class Target>
  void make_frame(uint32_t frame_size, Target exhausted);
  void leave_frame(uint32_t frame_size);
  void min_or_max(bool min, FSize size, FReg dst, FReg lhs, FReg rhs);
  x64::Mem constant(FSize size, uint64_t bits);
  void load(FSize size, FReg dst, const x64::Mem& from);
  void store(FSize size, const x64::Mem& to, FReg src);
  void check_range(Size to, bool is_signed, FSize from, FReg src);
  void truncate_u64(FSize from, Reg dst, FReg src);

  const abi::Target target_;
};

}  // namespace cordon::jit::masm
