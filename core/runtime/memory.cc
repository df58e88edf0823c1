// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/memory.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/abi/target.h"
#include "core/runtime/diagnostics.h"
#include "core/wasm/limits.h"

namespace cordon::runtime {

// [M1] The verifier lets code reach from base() to base() + u32 + disp (below 2^31) + the
// widest access.
static_assert(kIndexRange == uint64_t{1} << 32 &&
              kBackGuard >= (uint64_t{1} << 31) + abi::kWidestAccess);
static_assert(kIndexRange == uint64_t{wasm::kMaxMemoryPages} * kPageSize);

Memory::Memory(Mapping mapping, wasm::MemoryType type, uint64_t max_pages, bool growth_fails)
    : mapping_(std::move(mapping)),
      base_(mapping_.base() + kFrontGuard),
      type_(type),
      max_pages_(max_pages),
      growth_fails_(growth_fails) {}

Result<std::unique_ptr<Memory>> Memory::create(wasm::MemoryType type, uint64_t max_pages,
                                               bool growth_fails) {
  if (type.limits.min > max_pages) {
    return fail(diag::memory_limit, kNoOffset,
                std::to_string(type.limits.min) + " pages, limit " + std::to_string(max_pages));
  }
  // [M1] Guards before and after are part of the reservation, so nothing else can be mapped there.
  Mapping mapping = TRY(Mapping::reserve(kFrontGuard + kIndexRange + kBackGuard));
  uint64_t bytes = type.limits.min * kPageSize;
  TRY_VOID(mapping.commit(kFrontGuard, bytes));
  std::unique_ptr<Memory> memory(new Memory(std::move(mapping), type, max_pages, growth_fails));
  memory->size_ = bytes;
  return memory;
}

bool Memory::type_allows(uint32_t delta_pages) const {
  uint64_t maximum = wasm::kMaxMemoryPages;
  if (type_.limits.has_max) maximum = std::min<uint64_t>(maximum, type_.limits.max);
  return pages() + delta_pages <= maximum;
}

int32_t Memory::grow(uint32_t delta_pages) {
  uint64_t old_pages = pages();
  uint64_t new_pages = old_pages + delta_pages;
  if (!type_allows(delta_pages)) return -1;
  if (new_pages > max_pages_) {  // [L1]
    hit_limit_ = true;
    return -1;
  }
  // The kernel refuses here when RLIMIT_DATA is exhausted.
  if (!mapping_.commit(kFrontGuard + size_, uint64_t{delta_pages} * kPageSize)) {
    hit_limit_ = true;
    return -1;
  }
  size_ = new_pages * kPageSize;
  for (abi::VmContext* context : contexts_) tell(*context);
  return static_cast<int32_t>(old_pages);
}

void Memory::attach(abi::VmContext& context) {
  contexts_.push_back(&context);
  tell(context);
}

void Memory::tell(abi::VmContext& context) const {
  context.memory_base = base_;
  context.memory_size = size_;
  context.memory_pages = static_cast<uint32_t>(pages());
}

}  // namespace cordon::runtime
