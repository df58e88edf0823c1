// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ParallelMoves: moves between registers of one class that happen all at once: no source is lost
// before it is read. For arguments of calls and parameters of functions.
#pragma once

#include <array>

#include "core/base/check.h"
#include "core/jit/baseline/register_class.h"
#include "core/jit/masm/masm.h"

namespace cordon::jit::baseline {

// Holds at most kMost moves; more are a bug.
template <class R>
class ParallelMoves {
 public:
  // REQUIRES: no other goes to the same register.
  void add(R from, R to, NarrowType type) {
    CHECK(count_ < kMost);
    moves_[count_++] = {from, to, type};
  }
  uint32_t count() const { return count_; }
  // Consumes the moves. A cycle goes through the scratch register.
  void emit(masm::MacroAssembler& masm);

 private:
  // No call has more parameters in registers of one class.
  static constexpr uint32_t kMost = 8;
  struct Move {
    R from = R::none, to = R::none;
    NarrowType type = ValType::i32;
  };
  std::array<Move, kMost> moves_;
  uint32_t count_ = 0;
};

}  // namespace cordon::jit::baseline
