// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/host_stack.h"

#include <pthread.h>

#include <cstddef>

namespace cordon::runtime {

namespace {

constexpr size_t kReserve = size_t{64} << 10;

uintptr_t lowest_of_thread() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return UINTPTR_MAX;
  void* start = nullptr;
  size_t size = 0;
  const bool known = pthread_attr_getstack(&attributes, &start, &size) == 0;
  pthread_attr_destroy(&attributes);
  if (!known || start == nullptr) return UINTPTR_MAX;
  return reinterpret_cast<uintptr_t>(start) + kReserve;
}

}  // namespace

uintptr_t host_stack_limit() {
  thread_local const uintptr_t limit = lowest_of_thread();
  return limit;
}

}  // namespace cordon::runtime
