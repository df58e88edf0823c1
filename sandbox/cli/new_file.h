// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NewFile: a file that appears whole or not at all; a previous file of the name stays until then.
// Used for --report and by `cordon compile`.
//
// It is created before the run and written after it, in a directory that the guest may have been
// granted ([F1]). So everything is done by descriptors: of the directory, and of a file without a
// name (O_TMPFILE), which the guest cannot reach in any directory. Complete, it gets an unguessable
// name, and then, by rename, its own. Room for a report is reserved before the run, so that a guest
// that fills the disk cannot prevent it.
#pragma once

#include <string>
#include <string_view>

#include "core/base/os/fd.h"
#include "core/base/result.h"

namespace cordon::cli {

// One file, written by one thread. Every failure names the path and the system call.
class NewFile {
 public:
  // If `path` exists and is no regular file (a device, a fifo), it is written to directly and
  // nothing is renamed. "-" is standard output. A failure names the path.
  static Result<NewFile> create(const std::string& path);
  // Around a descriptor that is open already, called `name` in messages; the same.
  static NewFile around(Fd fd, std::string name) { return NewFile(std::move(fd), std::move(name)); }
  NewFile(NewFile&&) = default;
  NewFile& operator=(NewFile&&) = delete;
  // Leaves no file unless put_in_place() was called.
  ~NewFile();

  // Reserves `size` bytes in the file system, if that supports it.
  Result<void> reserve(uint64_t size);
  Result<void> write(std::string_view text);
  // Copies all of `source`, from its beginning, unread.
  Result<void> copy(int source);

  enum class Sync : uint8_t { No, Yes };  // Yes: the bytes are on the disk before the name is
  // Gives the file its name, replacing an earlier file, and frees unused room. Does nothing if
  // nothing is renamed. After a failure another file may have the name.
  Result<void> put_in_place(Sync sync);

 private:
  NewFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  // The rest of `source`, from `at` on.
  Result<void> copy_from(int source, off_t at);
  Result<void> give_a_name();
  bool is_mine(const std::string& name) const;

  Fd fd_;
  std::string path_;
  Fd directory_;        // none where nothing is renamed
  std::string name_;    // in the directory, in the end
  std::string beside_;  // the name until then; empty while there is none
};

}  // namespace cordon::cli
