// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The frames of native code on a guest's stack, from the innermost one outwards, up to where the
// activation began. One walk for all uses: the traces of traps, and the search among the callers of
// a place for one that catches.
//
// The tables come from the compiler, and the stack is the guest's, so nothing here trusts them:
// each step goes up, stays below the entry, and the walk ends at a place that the code does not
// know.
#pragma once

#include <cstdint>
#include <optional>

#include "core/runtime/activation.h"

namespace cordon::runtime {

// One function on the stack. Valid as long as its activation and that activation's code.
struct NativeFrame {
  const CodeUnit* unit;
  uint32_t func;         // of the unit
  uint32_t wasm_offset;  // in the module, of the instruction that trapped or called
  uint64_t* slots;       // the lowest of the frame: the stack pointer in the function's body
};

// Whether the function's frame exists at this trap site: the check of the stack comes before the
// frame is made.
inline bool has_frame(const abi::TrapSite& site) { return site.trap != Trap::call_stack_exhausted; }

// One walk, by the thread whose stack it is.
class FrameWalk {
 public:
  // Begins where a trap, or a builtin's, ended `stopped`.
  explicit FrameWalk(const Activation& stopped);
  // The next frame, or nothing after the last one.
  std::optional<NativeFrame> next();

 private:
  // Goes to the caller of the current frame, if there is one.
  void go_above(uint32_t frame_size);

  const CodeSpace& code_;
  const uint64_t lowest_, end_;  // of the stack that may be read
  // The stack pointer and the program counter of the frame that comes next.
  uint64_t stack_, pc_;
  bool is_fault_;  // pc_ is an instruction that trapped, not one that a call returns to
  bool ended_ = false;
};

}  // namespace cordon::runtime
