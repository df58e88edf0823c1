// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// PathBroker: everything that names a file. WASI code never resolves a path itself ([F1]); it sends
// a request to the broker, which in the jail is another process at the other end of a channel
// (sandbox/path_broker) and in tests is an object in the same process.
//
// Directories are never passed on: they stay with the broker and are named by handles (small
// numbers; the preopens are 0, 1, ... in the order of the command line). Regular files come as file
// descriptors whose access mode is already the granted one, so the kernel enforces it from then on.
// Every call returns 0 or a positive Linux errno.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/os/fd.h"

namespace cordon::wasi {

using DirHandle = uint32_t;

// A granted directory: its name for the guest, and whether the guest may change anything
// beneath.
struct Preopen {
  std::string guest_path;
  bool writable;
};

// The fields of stat(2) that WASI has. `mode_type` is st_mode & S_IFMT. Times in nanoseconds.
struct FileStat {
  uint64_t dev, ino, nlink, size;
  uint32_t mode_type;
  uint64_t atim_ns, mtim_ns, ctim_ns;
};

// One entry of a directory. `next_cookie` is the host's position after it. The name is the kernel's
// bytes, without a zero.
struct DirEntry {
  uint64_t next_cookie;
  uint64_t ino;
  uint32_t mode_type;  // S_IFMT bits, 0 if unknown
  std::string name;
};

// A decoded path_open. `path` is relative to `dir` and resolved beneath it. `directory` and
// `exclusive` are O_DIRECTORY and O_EXCL.
struct OpenRequest {
  DirHandle dir;
  std::string_view path;
  bool follow;  // the last component, if it is a symbolic link
  bool create, directory, exclusive, truncate;
  bool read, write, append;
};

// The handle of an open file whose times can be set; kNoFile if they cannot.
using FileHandle = uint32_t;
inline constexpr FileHandle kNoFile = ~uint32_t{0};

// Exactly one of the two: a file descriptor with its handle, or a directory handle if
// `is_directory`.
struct Opened {
  bool is_directory = false;
  DirHandle dir = 0;
  Fd file;
  FileHandle file_handle = kNoFile;
  FileStat stat{};
};

// utimensat(2): kNow and kOmit have the meaning of UTIME_NOW and UTIME_OMIT.
struct FileTimes {
  static constexpr uint64_t kNow = ~uint64_t{0};
  static constexpr uint64_t kOmit = ~uint64_t{0} - 1;
  uint64_t atim_ns, mtim_ns;
};

// One guest's broker. Not thread-safe. Paths are relative to a directory handle and never lead out
// of the granted directory; a write beneath a read-only grant is EROFS. After an error `out` has no
// meaning.
class PathBroker {
 public:
  virtual ~PathBroker() = default;
  // In the order of their handles; valid as long as the broker.
  virtual const std::vector<Preopen>& preopens() const = 0;

  // openat2(2). The caller owns the descriptor in `out`, and the handle until it closes it.
  virtual int open(const OpenRequest& request, Opened& out) = 0;
  // By name beneath `dir`, as the system calls fstatat, utimensat, mkdirat, unlinkat, renameat,
  // linkat, symlinkat and readlinkat do. `follow` says whether a symbolic link as the last
  // component is followed.
  virtual int stat(DirHandle dir, std::string_view path, bool follow, FileStat& out) = 0;
  virtual int set_times(DirHandle dir, std::string_view path, bool follow,
                        const FileTimes& times) = 0;
  virtual int create_directory(DirHandle dir, std::string_view path) = 0;
  virtual int remove_directory(DirHandle dir, std::string_view path) = 0;
  virtual int unlink_file(DirHandle dir, std::string_view path) = 0;
  virtual int rename(DirHandle from_dir, std::string_view from, DirHandle to_dir,
                     std::string_view to) = 0;
  virtual int link(DirHandle from_dir, std::string_view from, bool follow, DirHandle to_dir,
                   std::string_view to) = 0;
  virtual int symlink(std::string_view target, DirHandle dir, std::string_view path) = 0;
  virtual int readlink(DirHandle dir, std::string_view path, std::string& out) = 0;

  // On the directory itself. `read_directory` appends entries from `cookie` (0: the first), as many
  // as fit a reply; none and 0 means the end.
  virtual int stat_directory(DirHandle dir, FileStat& out) = 0;
  virtual int read_directory(DirHandle dir, uint64_t cookie, std::vector<DirEntry>& out) = 0;
  virtual int sync_directory(DirHandle dir) = 0;
  virtual void close_directory(DirHandle dir) = 0;

  // On an open file, even if its name is gone. `unlinked`: it has no name any more, so that its
  // disk space is kept by the handle alone.
  virtual int set_file_times(FileHandle file, const FileTimes& times) = 0;
  virtual void close_file(FileHandle file, bool unlinked) = 0;
};

}  // namespace cordon::wasi
