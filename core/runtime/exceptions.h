// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exceptions: the exceptions thrown in a store to which references may exist (spec of 3.0 §4.2.10).
// A slot of type exnref is the address of an Exception, or 0. Guests cannot make up such a slot:
// validation has typed it, and a host's is looked up ([R1]).
//
// An exception to which no clause has given a reference ends where it is caught. Others stay until
// memory is short; then those that no root leads to are freed. Roots are scanned conservatively:
// any slot of a running execution that is the address of an exception keeps it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/abi/slot.h"
#include "core/runtime/tag.h"

namespace cordon::runtime {

// One exception. Only its marks change.
struct Exception {
  const Tag* tag;
  std::unique_ptr<uint64_t[]> payload;  // tag->slots() slots
  bool escaped = false;                 // a reference of it was given
  bool marked = false;                  // while roots are scanned

  std::span<const uint64_t> slots() const { return {payload.get(), tag->slots()}; }
};

// Slots that may hold references.
using Roots = std::vector<std::span<const uint64_t>>;

// The exceptions of one store. For one thread.
class Exceptions {
 public:
  // [L1] `max_bytes` bounds all exceptions of the store that are alive, payloads included.
  explicit Exceptions(uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // Whether collect() should be called before the next make() with that many slots.
  bool is_short(uint32_t slots) const {
    return alive_.size() >= threshold_ || bytes_ + bytes_of(slots) > max_bytes_;
  }
  // Frees the exceptions that no root leads to.
  void collect(const Roots& roots);
  // A new one with a copy of the payload, tag.slots() slots; null if it exceeds the limit.
  Exception* make(const Tag& tag, const uint64_t* payload);
  // Frees one without references to it.
  void release(const Exception& exception);

  // Whether `slot` is a live exception. Dereferences nothing.
  bool has(uint64_t slot) const { return alive_.contains(slot); }
  size_t count() const { return alive_.size(); }

 private:
  static constexpr size_t kLeastThreshold = 4096;
  static constexpr uint64_t kOverhead = 128;  // of one exception, about
  static uint64_t bytes_of(uint32_t slots) { return kOverhead + uint64_t{slots} * abi::kSlotSize; }

  uint64_t max_bytes_;
  uint64_t bytes_ = 0;
  size_t threshold_ = kLeastThreshold;
  std::unordered_map<uint64_t, std::unique_ptr<Exception>> alive_;  // by slot
};

}  // namespace cordon::runtime
