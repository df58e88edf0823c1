// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FdTable: the guest's file descriptors. A number of the guest leads to an FdEntry and never to a
// number of this process: what the guest can reach is what stands in the table.
//
// Rights hold what the guest itself has given up or not asked for; they are no wall. What a grant
// allows is enforced by the broker (a read-only directory answers EROFS) and by the access mode
// of the descriptors that it hands out ([F1]).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/os/fd.h"
#include "core/wasi/abi.h"
#include "core/wasi/dir_cookies.h"
#include "core/wasi/path_broker.h"

namespace cordon::wasi {

namespace right {
// What can be done with an open file, and with nothing else.
inline constexpr Rights kFileOnly = fd_read | fd_write | fd_seek | fd_tell | fd_advise |
                                    fd_allocate | fd_filestat_set_size | poll_fd_readwrite;
// What names something beneath a directory, and listing one.
inline constexpr Rights kDirectoryOnly =
    fd_readdir | path_create_directory | path_create_file | path_link_source | path_link_target |
    path_open | path_readlink | path_rename_source | path_rename_target | path_filestat_get |
    path_filestat_set_size | path_filestat_set_times | path_symlink | path_remove_directory |
    path_unlink_file;
inline constexpr Rights kBoth =
    fd_datasync | fd_sync | fd_fdstat_set_flags | fd_filestat_get | fd_filestat_set_times;
inline constexpr Rights kFile = kFileOnly | kBoth;
inline constexpr Rights kDirectory = kDirectoryOnly | kBoth;
// What nothing in a directory granted for reading has, as fd_fdstat_get reports it; libraries
// answer access(W_OK) by it. fd_allocate and fd_datasync are missing here on purpose: wasi-libc
// takes from what it asks for whatever the directory does not pass on, and these two still say that
// a file was to be opened for writing (path.cc).
inline constexpr Rights kChanging = fd_write | fd_filestat_set_size | fd_filestat_set_times |
                                    path_create_directory | path_create_file | path_link_source |
                                    path_link_target | path_rename_source | path_rename_target |
                                    path_filestat_set_size | path_filestat_set_times |
                                    path_symlink | path_remove_directory | path_unlink_file;
}  // namespace right

// A directory's handle of the broker, given back to it at the end. `listing` is what read_directory
// gave last, from the host's cookie `listed_from` on, so that a small buffer costs no request an
// entry.
class Directory {
 public:
  // Takes the handle over. The broker outlives this.
  Directory(PathBroker& broker, DirHandle handle) : broker_(broker), handle_(handle) {}
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  // The handle means nothing afterwards.
  ~Directory() { broker_.close_directory(handle_); }

  DirHandle handle() const { return handle_; }

  uint64_t listed_from = 0;
  std::vector<DirEntry> listing;
  DirCookies cookies;

 private:
  PathBroker& broker_;
  DirHandle handle_;
};

// An open file's handle of the broker, given back to it at the end. REQUIRES: `host`, a descriptor
// of the file, is still open then.
class KeptFile {
 public:
  // Takes the handle over, but not `host`. The broker outlives this.
  KeptFile(PathBroker& broker, FileHandle handle, int host)
      : broker_(broker), handle_(handle), host_(host) {}
  KeptFile(const KeptFile&) = delete;
  KeptFile& operator=(const KeptFile&) = delete;
  // Also tells the broker whether the file still has a name, by fstat(2) of `host`.
  ~KeptFile();

  FileHandle handle() const { return handle_; }

 private:
  PathBroker& broker_;
  FileHandle handle_;
  int host_;
};

// One open descriptor of the guest, owned by its FdTable.
struct FdEntry {
  FileType type = FileType::unknown;
  Rights base = 0, inheriting = 0;
  uint32_t flags = 0;  // fdflag: all but kAppend, which the kernel keeps

  // A directory, or else a descriptor of this process: `host`, which is `file` unless it is
  // standard input, output or error. Those are shared with whoever started us and stay open.
  std::shared_ptr<Directory> directory;
  Fd file;
  int host = -1;

  std::unique_ptr<KeptFile> kept;  // by which a file's times are set; null where they cannot be

  std::optional<std::string> preopened_as;
  bool writable = true;  // false for what was granted for reading

  // A stream that the guest was started with is one of the three standard ones, whose host
  // descriptor it does not own.
  bool is_directory() const { return directory != nullptr; }
  bool is_stdio() const { return !is_directory() && !file.valid(); }
  // The rights as the guest is told of them: without those that its grant rules out.
  Rights told(Rights rights) const { return writable ? rights : rights & ~right::kChanging; }
  // Whether the guest may do this: fd_seek implies fd_tell, fd_sync implies fd_datasync (witx).
  bool has(Rights needed) const;
  // success, or why not. A file answers as POSIX has it where it was not opened for that: badf to
  // read, write or allocate, inval for its size, spipe for a stream's position, rofs for the times
  // of one beneath a directory granted for reading. What such a directory lacks because of its
  // grant is success here: the broker refuses it [F1], and knows what is there (EEXIST). Else
  // notcapable.
  Errno check(Rights needed) const;
};

// What the witx lets `base` stand for.
constexpr Rights implied_rights(Rights base) {
  if ((base & right::fd_seek) != 0) base |= right::fd_tell;
  if ((base & right::fd_sync) != 0) base |= right::fd_datasync;
  return base;
}

// Standard input, output or error. Nothing if `host` is not open. `is_terminal`: the user's is one,
// of which `host` is a relay's end. Input can only be read and the
// others only be written; where input has a position it can be moved, the others' can only be
// told: what a file held before it became our output is not the guest's to change.
std::unique_ptr<FdEntry> stdio_entry(int host, bool is_input, bool is_terminal = false);

// Owns the entries. Numbers are the guest's, from 0, below the limit that the constructor gets.
class FdTable {
 public:
  explicit FdTable(uint32_t limit) : limit_(limit) {}  // [L1]

  // Null if nothing is open there. An entry stays where it is until it is closed or renumbered.
  FdEntry* find(uint32_t number) const {
    return number < entries_.size() ? entries_[number].get() : nullptr;
  }
  // The lowest free number, or nothing at the limit.
  std::optional<uint32_t> free_number() const;
  // At a number that free_number() gave, or one below the limit while the table is being set up.
  void place(uint32_t number, std::unique_ptr<FdEntry> entry);
  // False if it was not open.
  bool close(uint32_t number);
  // Closes `to` and moves `from` there. False unless both are open, so a guest cannot make the
  // table large with a large number.
  bool renumber(uint32_t from, uint32_t to);

 private:
  std::vector<std::unique_ptr<FdEntry>> entries_;
  uint32_t limit_;
};

}  // namespace cordon::wasi
