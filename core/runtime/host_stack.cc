// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/host_stack.h"

#include <pthread.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace cordon::runtime {

namespace {

// Left for what a call does before it asks again: the runtime's own frames, a host function's, and
// those of the C library. A thread with a smaller stack runs no guest.
constexpr size_t kReserve = size_t{64} << 10;
// Guests may use no more than this of a very large stack, so that how deep they get does not depend
// on the shell's limits.
constexpr size_t kMost = size_t{1} << 20;

// Where a frame may begin.
struct Room {
  uintptr_t lowest = 0, highest = 0;  // equal: nowhere
};
thread_local Room g_room;  // nowhere until the bounds are known

Room room_of_thread(uintptr_t here) {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return {};
  void* start = nullptr;
  size_t size = 0;
  const bool known = pthread_attr_getstack(&attributes, &start, &size) == 0;
  pthread_attr_destroy(&attributes);
  const auto lowest = reinterpret_cast<uintptr_t>(start);
  const uintptr_t highest = lowest + size;
  if (!known || lowest == 0 || here <= lowest || here > highest) return {};
  const uintptr_t most = here - std::min(here, kMost + kReserve);
  return {std::min(std::max(lowest, most) + kReserve, highest), highest};
}

}  // namespace

void find_host_stack() {
  g_room = room_of_thread(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
}

bool host_stack_has_room() {
  if (g_room.highest == 0) [[unlikely]]
    find_host_stack();
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  return here - g_room.lowest < g_room.highest - g_room.lowest;
}

}  // namespace cordon::runtime
