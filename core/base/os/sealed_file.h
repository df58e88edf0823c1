// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SealedFile: a memfd that carries every seal (memfd.h), with its bytes for reading. They
// can be read any number of times: no process, not even their maker, can change them any more.
// Machine code travels in one from the compiler to where it runs ([W1], [W2]).
#pragma once

#include <utility>

#include "core/base/os/fd.h"
#include "core/base/os/mapping.h"

namespace cordon {

// Owns descriptor and mapping; move-only.
class SealedFile {
 public:
  // A new file with a copy of `bytes`.
  static Result<SealedFile> of_bytes(ByteSpan bytes, const char* name);
  // A file that came from elsewhere: checked for every seal and for at most `max_size` bytes.
  static Result<SealedFile> adopt(Fd fd, uint64_t max_size);
  // The same with its bytes read into memory of this process: for one that may not map files.
  static Result<SealedFile> adopt_copy(Fd fd, uint64_t max_size);

  // Valid as long as this object, which may move meanwhile.
  ByteSpan bytes() const { return mapping_.bytes().first(mapping_.size() - hidden_); }
  // Excludes the last `size` bytes from bytes(), which has at least as many.
  void hide_tail(size_t size) { hidden_ += size; }
  int fd() const { return fd_.get(); }

 private:
  SealedFile(Fd fd, Mapping mapping) : fd_(std::move(fd)), mapping_(std::move(mapping)) {}
  Fd fd_;
  Mapping mapping_;
  size_t hidden_ = 0;
};

// The same file by a descriptor that is open for reading only, so that no mapping of it can ever
// become writable, also where the kernel (before 6.7) does not conclude that from the seals. Needs
// /proc.
Result<Fd> reopen_read_only(int fd);

}  // namespace cordon
