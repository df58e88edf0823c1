// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FdTable: the guest's file descriptors. A guest's number selects an FdEntry and never a descriptor
// of this process by itself: the guest can reach only what is in the table.
//
// Rights record what the guest itself has given up or not requested; they are no security boundary.
// A grant is enforced by the broker (a read-only directory gives EROFS) and by the access mode of
// the descriptors that it returns ([F1]).
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
// The rights that apply to an open file only.
inline constexpr Rights kFileOnly = fd_read | fd_write | fd_seek | fd_tell | fd_advise |
                                    fd_allocate | fd_filestat_set_size | poll_fd_readwrite;
// The rights to name files beneath a directory, and to list it.
inline constexpr Rights kDirectoryOnly =
    fd_readdir | path_create_directory | path_create_file | path_link_source | path_link_target |
    path_open | path_readlink | path_rename_source | path_rename_target | path_filestat_get |
    path_filestat_set_size | path_filestat_set_times | path_symlink | path_remove_directory |
    path_unlink_file;
inline constexpr Rights kBoth =
    fd_datasync | fd_sync | fd_fdstat_set_flags | fd_filestat_get | fd_filestat_set_times;
inline constexpr Rights kFile = kFileOnly | kBoth;
inline constexpr Rights kDirectory = kDirectoryOnly | kBoth;
// The rights that nothing in a read-only directory has, as fd_fdstat_get reports them; libraries
// implement access(W_OK) by it. fd_allocate and fd_datasync are missing here on purpose: wasi-libc
// drops from its request whatever the directory does not pass on, and these two still show that a
// file was to be opened for writing (path.cc).
inline constexpr Rights kChanging = fd_write | fd_filestat_set_size | fd_filestat_set_times |
                                    path_create_directory | path_create_file | path_link_source |
                                    path_link_target | path_rename_source | path_rename_target |
                                    path_filestat_set_size | path_filestat_set_times |
                                    path_symlink | path_remove_directory | path_unlink_file;
}  // namespace right

// A directory's handle of the broker, closed by the destructor. `listing` is the latest result of
// read_directory, from the host's cookie `listed_from` on, so that a guest with a small buffer does
// not cause one request an entry.
class Directory {
 public:
  // Takes ownership of the handle. The broker outlives this.
  Directory(PathBroker& broker, DirHandle handle) : broker_(broker), handle_(handle) {}
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  // The handle is invalid afterwards.
  ~Directory() { broker_.close_directory(handle_); }

  DirHandle handle() const { return handle_; }

  uint64_t listed_from = 0;
  std::vector<DirEntry> listing;
  DirCookies cookies;

 private:
  PathBroker& broker_;
  DirHandle handle_;
};

// An open file's handle of the broker, closed by the destructor. REQUIRES: `host`, a descriptor of
// the file, is still open then.
class KeptFile {
 public:
  // Takes ownership of the handle, but not of `host`. The broker outlives this.
  KeptFile(PathBroker& broker, FileHandle handle, int host)
      : broker_(broker), handle_(handle), host_(host) {}
  KeptFile(const KeptFile&) = delete;
  KeptFile& operator=(const KeptFile&) = delete;
  // Also reports to the broker whether the file still has a name, by fstat(2) of `host`.
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
  // standard input, output or error. Those are shared with Cordon's parent and stay open.
  std::shared_ptr<Directory> directory;
  Fd file;
  int host = -1;

  std::unique_ptr<KeptFile> kept;  // sets the file's times; null if they cannot be set

  std::optional<std::string> preopened_as;
  bool writable = true;  // false if granted read-only

  // A stream that the guest was started with is one of the three standard ones, whose host
  // descriptor it does not own.
  bool is_directory() const { return directory != nullptr; }
  bool is_stdio() const { return !is_directory() && !file.valid(); }
  // The rights that the guest sees: without those that its grant rules out.
  Rights told(Rights rights) const { return writable ? rights : rights & ~right::kChanging; }
  // Whether the guest has these rights: fd_seek implies fd_tell, fd_sync fd_datasync (witx).
  bool has(Rights needed) const;
  // success, or the error. A file that was not opened for the operation gives POSIX's error: badf
  // for reading, writing or allocating, inval for its size, spipe for a stream's position, rofs for
  // the times of a file in a read-only directory. A right that such a directory lacks because of
  // its grant is success here: the broker refuses the operation [F1], and knows which error comes
  // first (EEXIST). Otherwise notcapable.
  Errno check(Rights needed) const;
};

// The rights that `base` implies by the witx.
constexpr Rights implied_rights(Rights base) {
  if ((base & right::fd_seek) != 0) base |= right::fd_tell;
  if ((base & right::fd_sync) != 0) base |= right::fd_datasync;
  return base;
}

// Standard input, output or error. Nothing if `host` is not open. `is_terminal`: the user's is one,
// and `host` is an end of a relay. Input can only be read and the others only written; if input has
// a position it can be moved, that of the others can only be read: the guest may not change what a
// file held before it became the output.
std::unique_ptr<FdEntry> stdio_entry(int host, bool is_input, bool is_terminal = false);

// Owns the entries. Numbers are the guest's, from 0, below the limit given to the constructor.
class FdTable {
 public:
  explicit FdTable(uint32_t limit) : limit_(limit) {}  // [L1]

  // Null if nothing is open there. An entry keeps its address until it is closed or renumbered.
  FdEntry* find(uint32_t number) const {
    return number < entries_.size() ? entries_[number].get() : nullptr;
  }
  // The lowest free number; nothing if the limit is reached.
  std::optional<uint32_t> free_number() const;
  // Adds an entry at a result of free_number(), or at any number below the limit during set-up.
  void place(uint32_t number, std::unique_ptr<FdEntry> entry);
  // False if it was not open.
  bool close(uint32_t number);
  // Closes `to` and moves `from` there. False unless both are open, so a guest cannot enlarge the
  // table by a large number.
  bool renumber(uint32_t from, uint32_t to);

 private:
  std::vector<std::unique_ptr<FdEntry>> entries_;
  uint32_t limit_;
};

}  // namespace cordon::wasi
