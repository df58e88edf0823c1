// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/kit/allocation_meter.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace cordon::testing {
namespace {

std::atomic<size_t> in_use{0}, most{0};

[[maybe_unused]] void* allocate(size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  const size_t now = in_use.fetch_add(malloc_usable_size(memory)) + malloc_usable_size(memory);
  for (size_t seen = most.load(); now > seen && !most.compare_exchange_weak(seen, now);) {
  }
  return memory;
}

[[maybe_unused]] void release(void* memory) {
  if (memory != nullptr) in_use.fetch_sub(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

AllocationMeter::AllocationMeter() : start_(in_use.load()) { most.store(start_); }

size_t AllocationMeter::peak() const { return most.load() - start_; }

}  // namespace cordon::testing

// ThreadSanitizer has operators of its own, which cannot be replaced: with it the meter reads 0.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CORDON_FIXED_OPERATOR_NEW
#endif
#endif
#ifndef CORDON_FIXED_OPERATOR_NEW
void* operator new(size_t size) { return cordon::testing::allocate(size); }
void* operator new[](size_t size) { return cordon::testing::allocate(size); }
void operator delete(void* memory) noexcept { cordon::testing::release(memory); }
void operator delete[](void* memory) noexcept { cordon::testing::release(memory); }
void operator delete(void* memory, size_t) noexcept { cordon::testing::release(memory); }
void operator delete[](void* memory, size_t) noexcept { cordon::testing::release(memory); }
#endif
