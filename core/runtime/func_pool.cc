// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/func_pool.h"

namespace cordon::runtime {

Func& FuncPool::add() {
  if (chunks_.empty() || chunks_.back().used == chunks_.back().size) {
    const size_t size = chunks_.empty() ? kFirstChunk : 2 * chunks_.back().size;
    void* const room = ::operator new(size * sizeof(Func), std::align_val_t(alignof(Func)));
    chunks_.push_back({std::unique_ptr<Func, Free>(static_cast<Func*>(room)), size, 0});
  }
  Chunk& chunk = chunks_.back();
  return *new (chunk.funcs.get() + chunk.used++) Func();
}

}  // namespace cordon::runtime
