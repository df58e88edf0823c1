// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// UnitList: the units of a code space by their places, which grows while others read it, among them
// signal handlers: a reader takes no lock, allocates nothing, and sees the list before an addition
// or after it. Memory that a reader may still use is kept as long as the list.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "core/runtime/code/unit.h"

namespace cordon::runtime {

// The units of a space in the order of their addresses; they outlive the list.
class UnitList {
 public:
  // All units so far, in the order of their addresses.
  std::span<const CodeUnit* const> all() const {
    const Version* version = newest_.load(std::memory_order_acquire);
    if (version == nullptr) return {};
    return {version->units.get(), version->size.load(std::memory_order_acquire)};
  }
  // The unit that holds this address, or null.
  const CodeUnit* at(const void* pc) const;
  // By one thread at a time. REQUIRES: the place of `unit` overlaps no other's.
  void add(const CodeUnit& unit);

 private:
  // Elements below `size` do not change any more.
  struct Version {
    explicit Version(size_t room) : units(new const CodeUnit*[room]), capacity(room) {}
    std::unique_ptr<const CodeUnit*[]> units;
    const size_t capacity;
    std::atomic<size_t> size = 0;
  };

  std::atomic<const Version*> newest_ = nullptr;
  std::vector<std::unique_ptr<Version>> versions_;  // the writer's; the last one is the newest
};
static_assert(std::atomic<const void*>::is_always_lock_free &&
              std::atomic<size_t>::is_always_lock_free);

}  // namespace cordon::runtime
