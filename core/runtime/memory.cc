// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/memory.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/runtime/diagnostics.h"
#include "core/wasm/limits.h"

namespace cordon::runtime {

namespace {

// What the type itself allows (spec §4.5.3.9): its maximum, or all that an i32 can address.
uint64_t type_maximum(const wasm::MemoryType& type) {
  if (!type.limits.has_max) return wasm::kMaxMemoryPages;
  return std::min(type.limits.max, wasm::kMaxMemoryPages);
}

}  // namespace

Memory::Memory(Mapping mapping, wasm::MemoryType type, uint64_t max_pages)
    : mapping_(std::move(mapping)),
      base_(mapping_.base() + kFrontGuard),
      type_(type),
      max_pages_(max_pages) {}

Result<std::unique_ptr<Memory>> Memory::create(wasm::MemoryType type, uint64_t max_pages) {
  if (type.limits.min > max_pages) {
    return fail(diag::memory_limit, kNoOffset,
                std::to_string(type.limits.min) + " pages, limit " + std::to_string(max_pages));
  }
  // [M1] Guards in front and behind are part of the same reservation, so nothing else can be there.
  Mapping mapping = TRY(Mapping::reserve(kFrontGuard + kIndexRange + kBackGuard));
  uint64_t bytes = type.limits.min * kPageSize;
  TRY_VOID(mapping.commit(kFrontGuard, bytes));
  std::unique_ptr<Memory> memory(new Memory(std::move(mapping), type, max_pages));
  memory->size_ = bytes;
  return memory;
}

int32_t Memory::grow(uint32_t delta_pages) {
  uint64_t old_pages = pages();
  uint64_t new_pages = old_pages + delta_pages;
  if (new_pages > type_maximum(type_)) return -1;
  if (new_pages > max_pages_) {  // [L1]
    hit_limit_ = true;
    return -1;
  }
  // The kernel refuses here when RLIMIT_DATA is spent.
  if (!mapping_.commit(kFrontGuard + size_, uint64_t{delta_pages} * kPageSize)) {
    hit_limit_ = true;
    return -1;
  }
  size_ = new_pages * kPageSize;
  return static_cast<int32_t>(old_pages);
}

}  // namespace cordon::runtime
