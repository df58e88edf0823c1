// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FakeBroker: a PathBroker in the same process, over a temporary directory. It keeps to the
// contract (handles, errnos, read-only grants) but is no wall: paths that could leave are simply
// refused. It counts what it gave out, so that a test sees a handle that was lost.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/wasi/path_broker.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::wasi {

class FakeBroker : public PathBroker {
 public:
  // Makes a directory for each preopen.
  explicit FakeBroker(std::vector<Preopen> preopens);

  // The host's path of the n-th preopen.
  std::string host_path(size_t n) const { return root_ / std::to_string(n); }
  size_t open_directories() const { return handles_.size(); }
  size_t open_files() const { return files_.size(); }

  int fail_next = 0;           // the errno that the next request gets
  size_t listing_size = 3;     // entries a read_directory
  uint64_t cookie_spread = 1;  // an entry's cookie is its place, times this
  size_t listings = 0;         // read_directory requests so far
  OpenRequest last_open{};     // its path is gone
  size_t closed_unlinked = 0;  // files that had no name any more when they were closed

  const std::vector<Preopen>& preopens() const override { return preopens_; }
  int open(const OpenRequest& request, Opened& out) override;
  int stat(DirHandle dir, std::string_view path, bool follow, FileStat& out) override;
  int set_times(DirHandle dir, std::string_view path, bool follow, const FileTimes& times) override;
  int create_directory(DirHandle dir, std::string_view path) override;
  int remove_directory(DirHandle dir, std::string_view path) override;
  int unlink_file(DirHandle dir, std::string_view path) override;
  int rename(DirHandle from_dir, std::string_view from, DirHandle to_dir,
             std::string_view to) override;
  int link(DirHandle from_dir, std::string_view from, bool follow, DirHandle to_dir,
           std::string_view to) override;
  int symlink(std::string_view target, DirHandle dir, std::string_view path) override;
  int readlink(DirHandle dir, std::string_view path, std::string& out) override;
  int stat_directory(DirHandle dir, FileStat& out) override;
  int read_directory(DirHandle dir, uint64_t cookie, std::vector<DirEntry>& out) override;
  int sync_directory(DirHandle dir) override;
  void close_directory(DirHandle dir) override;
  int set_file_times(FileHandle file, const FileTimes& times) override;
  void close_file(FileHandle file, bool unlinked) override;

 private:
  struct Handle {
    std::string path;
    bool writable;
  };
  // 0 and the host's path, or an errno.
  int resolve(DirHandle dir, std::string_view path, bool changes, std::string& out);

  std::vector<Preopen> preopens_;
  testing::TemporaryDirectory root_;
  std::map<DirHandle, Handle> handles_;
  std::map<FileHandle, Fd> files_;  // of writable preopens, O_PATH
};

}  // namespace cordon::wasi
