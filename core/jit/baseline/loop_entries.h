// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LoopEntries: the entries at the loops of the current function (abi::LoopEntry), by which the
// runtime goes on with a loop that the interpreter has begun. At a loop's head each value has a
// known place: pinned locals as the state there says, other locals in their homes, operands in
// their slots or known as constants. An entry, out of line after the body, makes the frame, loads
// every value from the runtime's slots to its places, and jumps to the head.
#pragma once

#include <vector>

#include "core/jit/baseline/operands.h"

namespace cordon::jit::baseline {

// For one function after the other: begin(), note() at the loops of its body, emit().
class LoopEntries {
 public:
  // All outlive this.
  LoopEntries(masm::MacroAssembler& masm, Locals& locals, Operands& operands, FrameLayout& frame)
      : masm_(masm), locals_(locals), operands_(operands), frame_(frame) {}

  // A function begins with this window (abi::window_slots) and so many bytes of wasm code, whose
  // locals have been declared.
  void begin(uint32_t window, uint32_t code_bytes);
  // The head of the loop at `at` in the module was bound, and nothing has been emitted since. [L1]
  // A loop gets no entry if those of the function would become too large.
  void note(uint32_t at, const masm::Join& head);
  // The body is complete, and its frame known. `exhausted` is the trap of its stack check.
  void emit(emit::Label exhausted);

 private:
  // An operand in its slots of the frame; `state` is its first slot of the runtime's.
  struct Operand {
    NarrowType type;
    uint32_t place, state;
  };
  struct Head {
    uint32_t at;
    masm::Join join;
    PinState pins;
    uint32_t operands_end;  // of its operands, which begin where those of the head before it end
    uint32_t slots;
  };

  uint32_t state_of(uint32_t local) const;
  void load_local(const Local& l, uint32_t from, PinState pins);

  masm::MacroAssembler& masm_;
  Locals& locals_;
  Operands& operands_;
  FrameLayout& frame_;
  uint32_t window_ = 0;
  uint64_t values_left_ = 0;       // that entries of the function may still load
  std::vector<uint32_t> vectors_;  // locals that are v128, ascending
  std::vector<Head> heads_;
  std::vector<Operand> in_slots_;
};

}  // namespace cordon::jit::baseline
