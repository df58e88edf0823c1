// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/base/os/mapping.h"

#include <sys/mman.h>

#include <cerrno>

#include "core/base/check.h"
#include "core/base/checked.h"

namespace cordon {

Mapping::~Mapping() {
  if (base_ != nullptr) CHECK(munmap(base_, size_) == 0);
}

Result<Mapping> Mapping::reserve(size_t size) {
  void* base = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return fail_os("mmap: reserve " + std::to_string(size) + " bytes", errno);
  return Mapping(static_cast<uint8_t*>(base), size);
}

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
