// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fd: the owner of one file descriptor. Move-only; closes it in the destructor; -1 is none.
#pragma once

#include <utility>

namespace cordon {

// Move-only; a moved-from Fd is none. Nothing else may close the number that it holds.
class Fd {
 public:
  Fd() = default;
  // Takes over `fd`, which nothing else may close; -1 makes none.
  explicit Fd(int fd) : fd_(fd) {}
  // Move: the source is none afterwards. An assignment closes what was held before, as the
  // destructor does.
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  int get() const { return fd_; }
  // valid(): whether there is a descriptor. release(): gives the number up to the caller, who
  // closes it. reset(): closes it, if there is one; an error of close(2) is not reported.
  bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset();

 private:
  int fd_ = -1;
};

}  // namespace cordon
