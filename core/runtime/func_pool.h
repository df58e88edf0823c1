// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FuncPool: the functions of a store, which never move. It can decide whether a number is the
// address of one without dereferencing it ([B1]): few chunks, each twice as large as the last.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

#include "core/runtime/func.h"

namespace cordon::runtime {

// Owns the functions. Not for several threads.
class FuncPool {
 public:
  // A new function with default fields; its address stays until the pool ends.
  Func& add();
  // Whether `address`, which may be any number, is that of a function here.
  bool has(const void* address) const {
    // The newest chunk has about as many as all others.
    for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
      const uint64_t distance =
          reinterpret_cast<uint64_t>(address) - reinterpret_cast<uint64_t>(chunk->funcs.get());
      if (distance < chunk->used * sizeof(Func)) return distance % sizeof(Func) == 0;
    }
    return false;
  }

 private:
  static constexpr size_t kFirstChunk = 64;

  struct Free {
    void operator()(Func* funcs) const {
      ::operator delete(funcs, std::align_val_t(alignof(Func)));
    }
  };
  struct Chunk {
    std::unique_ptr<Func, Free> funcs;
    size_t size, used;
  };
  static_assert(std::is_trivially_destructible_v<Func>);

  std::vector<Chunk> chunks_;
};

}  // namespace cordon::runtime
