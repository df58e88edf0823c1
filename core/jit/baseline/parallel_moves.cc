// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A move is done once no other move reads its target. If none can be done, all that are left are in
// cycles; then one target is copied to the scratch register, from which its readers take it.
#include "core/jit/baseline/parallel_moves.h"

#include <bit>

namespace cordon::jit::baseline {

template <class R>
void ParallelMoves<R>::emit(masm::MacroAssembler& masm) {
  constexpr R kSpare = ClassOf<R>::kScratch;
  std::array<uint8_t, ClassOf<R>::kCount> readers{};  // moves to be done, by source
  for (uint32_t i = 0; i < count_; ++i) ++readers[number(moves_[i].from)];
  uint32_t pending = (uint32_t{1} << count_) - 1;
  count_ = 0;
  while (pending != 0) {
    bool moved = false;
    for (uint32_t rest = pending; rest != 0; rest &= rest - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(rest));
      const Move& move = moves_[i];
      if (readers[number(move.to)] != (move.from == move.to ? 1 : 0)) continue;
      masm.mov(size_of<R>(move.type), move.to, move.from);
      --readers[number(move.from)];
      pending &= ~(uint32_t{1} << i);
      moved = true;
    }
    if (moved || pending == 0) continue;
    const R blocked = moves_[static_cast<unsigned>(std::countr_zero(pending))].to;
    masm.mov(ClassOf<R>::kWhole, kSpare, blocked);
    readers[number(kSpare)] = readers[number(blocked)];
    readers[number(blocked)] = 0;
    for (uint32_t rest = pending; rest != 0; rest &= rest - 1) {
      R& source = moves_[static_cast<unsigned>(std::countr_zero(rest))].from;
      if (source == blocked) source = kSpare;
    }
  }
}

template class ParallelMoves<Reg>;
template class ParallelMoves<FReg>;

}  // namespace cordon::jit::baseline
