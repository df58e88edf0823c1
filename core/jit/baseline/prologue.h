// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prologue: the code before a function's body, assembled separately when the body is complete and
// the frame known: stack check, fuel, parameters to where the body expects them, zeroes.
#pragma once

#include "core/jit/baseline/locals.h"
#include "core/jit/tier.h"

namespace cordon::jit::baseline {

// For one function after the other: begin(), add_traps(), assemble().
class Prologue {
 public:
  // All outlive this.
  Prologue(const FuncOptions& options, const Locals& locals, const FrameLayout& frame)
      : options_(options), locals_(locals), frame_(frame), head_(options.target) {}

  // The pool of the chunk under way, for constants of the prologue; it outlives the chunk.
  void use_pool(masm::ConstantPool& pool) { head_.use_pool(pool); }
  // Begins the body in the locals' present state: returns the facts that the body relies on, bit by
  // register that is u32.
  uint32_t begin() { return entry_u32_ = locals_.u32_of(locals_.state().regs); }
  // Adds the targets of the prologue's traps to the body.
  void add_traps(masm::MacroAssembler& body);

  // The trap of the stack check, in the body.
  emit::Label stack_trap() const { return stack_trap_; }

  // The body is complete. False if the compile failed. `params_u32`: registers of parameters that
  // are i32.
  bool assemble(const wasm::ValidatedFunc& func, uint32_t params_u32,
                const masm::MacroAssembler& body);
  masm::MacroAssembler& head() { return head_; }

 private:
  void place_params(const wasm::FuncType& type);
  void pin_params_on_stack(const wasm::FuncType& type);
  void zero_locals(size_t params);

  const FuncOptions& options_;
  const Locals& locals_;
  const FrameLayout& frame_;
  masm::MacroAssembler head_;
  uint32_t entry_u32_ = 0;
  emit::Label stack_trap_, fuel_trap_;
};

}  // namespace cordon::jit::baseline
