// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NewFile: a file that is there whole or not at all. It is written beside its place and renamed to
// it; what was there before stays until then. Used for --report and by `cordon compile`.
#pragma once

#include <string>
#include <string_view>

#include "core/base/os/fd.h"
#include "core/base/result.h"

namespace cordon::cli {

class NewFile {
 public:
  // Where `path` is already something else than a file (a device, a fifo), that is written to, and
  // nothing is renamed. A failure names the path.
  static Result<NewFile> create(const std::string& path);
  // Around a descriptor that is open already, called `name` in messages; the same.
  static NewFile around(Fd fd, std::string name) {
    return NewFile(std::move(fd), "", std::move(name));
  }
  NewFile(NewFile&&) = default;
  NewFile& operator=(NewFile&&) = delete;
  // Leaves nothing behind unless put_in_place() was called.
  ~NewFile();

  Result<void> write(std::string_view text);
  // The whole of `source`, from its beginning, without looking at it.
  Result<void> copy(int source);

  enum class Sync : uint8_t { No, Yes };  // Yes: the bytes are on the disk before the name is
  Result<void> put_in_place(Sync sync);

 private:
  NewFile(Fd fd, std::string beside, std::string path)
      : fd_(std::move(fd)), beside_(std::move(beside)), path_(std::move(path)) {}
  Fd fd_;
  std::string beside_;  // the temporary name; empty where there is none, and once renamed
  std::string path_;
};

}  // namespace cordon::cli
