// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/func_pool.h"

#include <algorithm>

namespace cordon::runtime {

namespace {

uintptr_t number_of(const void* address) { return reinterpret_cast<uintptr_t>(address); }

}  // namespace

Func& FuncPool::add() {
  if (used_ == kChunk) {
    auto chunk = std::make_unique<Func[]>(kChunk);
    newest_ = chunk.get();
    used_ = 0;
    const auto after = std::upper_bound(
        chunks_.begin(), chunks_.end(), number_of(newest_),
        [](uintptr_t base, const auto& other) { return base < number_of(other.get()); });
    chunks_.insert(after, std::move(chunk));
  }
  return newest_[used_++];
}

bool FuncPool::has(const void* address) const {
  const auto after = std::upper_bound(
      chunks_.begin(), chunks_.end(), number_of(address),
      [](uintptr_t wanted, const auto& chunk) { return wanted < number_of(chunk.get()); });
  if (after == chunks_.begin()) return false;
  const Func* const chunk = std::prev(after)->get();
  const uint64_t distance = number_of(address) - number_of(chunk);
  const size_t made = chunk == newest_ ? used_ : kChunk;
  return distance < made * sizeof(Func) && distance % sizeof(Func) == 0;
}

}  // namespace cordon::runtime
