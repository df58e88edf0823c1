// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/base/os/mapping.h"

#include <sys/mman.h>
#include <sys/random.h>

#include <cerrno>

#include "core/base/check.h"
#include "core/base/checked.h"

#if !defined(__has_feature)
#define __has_feature(feature) 0
#endif

namespace cordon {

Mapping::~Mapping() {
  if (base_ != nullptr) CHECK(munmap(base_, size_) == 0);
}

Result<Mapping> Mapping::reserve(size_t size) {
  void* base = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return fail_os("mmap: reserve " + std::to_string(size) + " bytes", errno);
  return Mapping(static_cast<uint8_t*>(base), size);
}

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
// TSan's shadow memory leaves no room for a random choice.
Result<Mapping> Mapping::reserve_apart(size_t size) { return reserve(size); }
#else
Result<Mapping> Mapping::reserve_apart(size_t size) {
  // The range is part of a 47-bit address space, and free under ASan's shadow too.
  constexpr uint64_t kFirst = uint64_t{0x2000} << 32, kRange = uint64_t{0x4000} << 32;
  constexpr uint64_t kPage = 4096;
  constexpr int kTries = 16;  // each collides with a probability far below one in a thousand
  for (int i = 0; i < kTries; ++i) {
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random) return fail_os("getrandom", errno);
    auto* const wanted = reinterpret_cast<void*>(kFirst + random % kRange / kPage * kPage);
    void* base = mmap(wanted, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
      return fail_os("mmap: reserve " + std::to_string(size) + " bytes", errno);
    Mapping mapping(static_cast<uint8_t*>(base), size);
    if (base == wanted) return mapping;
  }
  return fail_os("mmap: no free place for " + std::to_string(size) + " bytes", ENOMEM);
}
#endif

Result<Mapping> Mapping::anonymous(size_t size) {
  void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return fail_os("mmap: " + std::to_string(size) + " bytes", errno);
  return Mapping(static_cast<uint8_t*>(base), size);
}

Result<Mapping> Mapping::read_only_file(int fd, size_t size, Pages pages) {
  if (size == 0) return Mapping();
  const int flags = MAP_PRIVATE | (pages == Pages::AtOnce ? MAP_POPULATE : 0);
  void* base = mmap(nullptr, size, PROT_READ, flags, fd, 0);
  if (base == MAP_FAILED) return fail_os("mmap of a file", errno);
  return Mapping(static_cast<uint8_t*>(base), size);
}

Result<void> Mapping::commit(size_t offset, size_t size) {
  CHECK(range_fits(offset, size, size_));
  if (size == 0) return {};
  if (mprotect(base_ + offset, size, PROT_READ | PROT_WRITE) != 0) {
    return fail_os("mprotect: " + std::to_string(size) + " bytes", errno);
  }
  return {};
}

}  // namespace cordon
