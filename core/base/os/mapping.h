// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mapping: the owner of one range of address space, from mmap(2) to munmap(2). It cannot be made
// executable ([W1]): only runtime/code/space maps code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace cordon {

// Move-only; a moved-from Mapping is empty. All makers fail with the errno of their
// system call.
class Mapping {
 public:
  Mapping() = default;
  // A move leaves the source empty. An assignment swaps, so that the source's destructor unmaps the
  // old range.
  Mapping(Mapping&& other) noexcept
      : base_(std::exchange(other.base_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(size_, other.size_);
    return *this;
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping();

  // Address space without access rights (PROT_NONE, not counted as memory). Size in bytes.
  static Result<Mapping> reserve(size_t size);
  // The same at a place that reveals no other address of the process: chosen at random from a
  // quarter of the address space, 2^34 places.
  static Result<Mapping> reserve_apart(size_t size);
  // Zeroed private memory, read-write.
  static Result<Mapping> anonymous(size_t size);
  // When the kernel puts the pages of a file into a mapping: all at once, or as they are touched.
  enum class Pages : uint8_t { AtOnce, AsTouched };
  // The first `size` bytes of `fd`, read-only and private. An empty file gives an empty mapping.
  static Result<Mapping> read_only_file(int fd, size_t size, Pages pages = Pages::AtOnce);

  // Makes [offset, offset + size) readable and writable. Both multiples of the page size.
  Result<void> commit(size_t offset, size_t size);

  uint8_t* base() const { return base_; }
  size_t size() const { return size_; }
  // The whole range, valid until the Mapping ends. What has not been committed faults when read.
  ByteSpan bytes() const { return {base_, size_}; }

 private:
  Mapping(uint8_t* base, size_t size) : base_(base), size_(size) {}
  uint8_t* base_ = nullptr;
  size_t size_ = 0;
};

}  // namespace cordon
