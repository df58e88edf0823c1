// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FuncPool: the functions of a store, in chunks that never move. It can say of any number whether
// it is the address of one, without following it ([B1]).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/runtime/func.h"

namespace cordon::runtime {

class FuncPool {
 public:
  Func& add();
  bool has(const void* address) const;

 private:
  static constexpr size_t kChunk = 64;

  std::vector<std::unique_ptr<Func[]>> chunks_;  // in the order of their addresses
  Func* newest_ = nullptr;                       // the chunk that is not full yet
  size_t used_ = kChunk;                         // of it
};

}  // namespace cordon::runtime
