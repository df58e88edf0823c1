// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/host_stack.h"

#include <pthread.h>

#include <cstddef>

namespace cordon::runtime {

namespace {

constexpr size_t kReserve = size_t{64} << 10;

HostStack stack_of_thread() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return {};
  void* start = nullptr;
  size_t size = 0;
  const bool known = pthread_attr_getstack(&attributes, &start, &size) == 0;
  pthread_attr_destroy(&attributes);
  if (!known || start == nullptr) return {};
  const auto lowest = reinterpret_cast<uintptr_t>(start);
  return {lowest + kReserve, lowest + size};
}

}  // namespace

HostStack host_stack() {
  thread_local const HostStack stack = stack_of_thread();
  return stack;
}

}  // namespace cordon::runtime
