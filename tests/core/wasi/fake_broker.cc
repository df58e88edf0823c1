// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/core/wasi/fake_broker.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "core/wasi/host_stat.h"

namespace cordon::wasi {
namespace {

int status(int result) { return result == 0 ? 0 : errno; }

timespec to_timespec(uint64_t ns) {
  if (ns == FileTimes::kNow) return {0, UTIME_NOW};
  if (ns == FileTimes::kOmit) return {0, UTIME_OMIT};
  return {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
}

int stat_path(const std::string& path, bool follow, FileStat& out) {
  Fd fd(::open(path.c_str(), O_PATH | (follow ? 0 : O_NOFOLLOW)));
  if (!fd.valid()) return errno;
  return stat_host(fd.get(), out) == Errno::success ? 0 : EIO;
}

}  // namespace

FakeBroker::FakeBroker(std::vector<Preopen> preopens) : preopens_(std::move(preopens)) {
  for (size_t i = 0; i < preopens_.size(); ++i) {
    std::filesystem::create_directory(host_path(i));
    handles_[static_cast<DirHandle>(i)] = {host_path(i), preopens_[i].writable};
  }
}

int FakeBroker::resolve(DirHandle dir, std::string_view path, bool changes, std::string& out) {
  if (int e = std::exchange(fail_next, 0); e != 0) return e;
  auto handle = handles_.find(dir);
  if (handle == handles_.end()) return EBADF;
  if (changes && !handle->second.writable) return EROFS;
  if (path.empty()) return ENOENT;
  if (path.starts_with('/') || path.find("..") != std::string_view::npos) return EPERM;
  out = handle->second.path + "/" + std::string(path);
  return 0;
}

int FakeBroker::open(const OpenRequest& r, Opened& out) {
  last_open = r;
  last_open.path = {};
  std::string path;
  bool write = r.write || r.append;
  bool changes = write || r.create || r.truncate;
  if (int e = resolve(r.dir, r.path, changes, path); e != 0) return e;
  int flags = O_NOCTTY | (write ? (r.read ? O_RDWR : O_WRONLY) : O_RDONLY);
  if (r.create) flags |= O_CREAT;
  if (r.exclusive) flags |= O_EXCL;
  if (r.truncate) flags |= O_TRUNC;
  if (r.append) flags |= O_APPEND;
  if (r.directory) flags |= O_DIRECTORY;
  if (!r.follow) flags |= O_NOFOLLOW;
  Fd fd(::open(path.c_str(), flags, 0666));
  if (!fd.valid()) return errno;
  EXPECT_EQ(stat_host(fd.get(), out.stat), Errno::success);
  out.is_directory = out.stat.mode_type == S_IFDIR;
  if (!out.is_directory) {
    if (handles_[r.dir].writable) {
      out.file_handle = 0;
      while (files_.contains(out.file_handle)) ++out.file_handle;
      files_[out.file_handle] = Fd(::open(path.c_str(), O_PATH));
    }
    out.file = std::move(fd);
    return 0;
  }
  while (handles_.contains(out.dir)) ++out.dir;
  handles_[out.dir] = {path, handles_[r.dir].writable};
  return 0;
}

int FakeBroker::stat(DirHandle dir, std::string_view path, bool follow, FileStat& out) {
  std::string host;
  if (int e = resolve(dir, path, false, host); e != 0) return e;
  return stat_path(host, follow, out);
}

int FakeBroker::set_times(DirHandle dir, std::string_view path, bool follow,
                          const FileTimes& times) {
  std::string host;
  if (int e = resolve(dir, path, true, host); e != 0) return e;
  timespec list[2] = {to_timespec(times.atim_ns), to_timespec(times.mtim_ns)};
  return status(utimensat(AT_FDCWD, host.c_str(), list, follow ? 0 : AT_SYMLINK_NOFOLLOW));
}

int FakeBroker::set_file_times(FileHandle file, const FileTimes& times) {
  auto found = files_.find(file);
  if (found == files_.end()) return EBADF;
  timespec list[2] = {to_timespec(times.atim_ns), to_timespec(times.mtim_ns)};
  return status(utimensat(found->second.get(), "", list, AT_EMPTY_PATH));
}

void FakeBroker::close_file(FileHandle file, bool unlinked) {
  EXPECT_EQ(files_.erase(file), 1U) << file;
  closed_unlinked += unlinked;
}

int FakeBroker::create_directory(DirHandle dir, std::string_view path) {
  std::string host;
  if (int e = resolve(dir, path, true, host); e != 0) return e;
  return status(mkdir(host.c_str(), 0777));
}

int FakeBroker::remove_directory(DirHandle dir, std::string_view path) {
  std::string host;
  if (int e = resolve(dir, path, true, host); e != 0) return e;
  return status(rmdir(host.c_str()));
}

int FakeBroker::unlink_file(DirHandle dir, std::string_view path) {
  std::string host;
  if (int e = resolve(dir, path, true, host); e != 0) return e;
  return status(unlink(host.c_str()));
}

int FakeBroker::rename(DirHandle from_dir, std::string_view from, DirHandle to_dir,
                       std::string_view to) {
  std::string host_from, host_to;
  if (int e = resolve(from_dir, from, true, host_from); e != 0) return e;
  if (int e = resolve(to_dir, to, true, host_to); e != 0) return e;
  return status(::rename(host_from.c_str(), host_to.c_str()));
}

int FakeBroker::link(DirHandle from_dir, std::string_view from, bool follow, DirHandle to_dir,
                     std::string_view to) {
  std::string host_from, host_to;
  if (int e = resolve(from_dir, from, true, host_from); e != 0) return e;
  if (int e = resolve(to_dir, to, true, host_to); e != 0) return e;
  if (follow) return EINVAL;
  return status(::link(host_from.c_str(), host_to.c_str()));
}

int FakeBroker::symlink(std::string_view target, DirHandle dir, std::string_view path) {
  std::string host;
  if (int e = resolve(dir, path, true, host); e != 0) return e;
  return status(::symlink(std::string(target).c_str(), host.c_str()));
}

int FakeBroker::readlink(DirHandle dir, std::string_view path, std::string& out) {
  std::string host;
  if (int e = resolve(dir, path, false, host); e != 0) return e;
  char text[4096];
  ssize_t size = ::readlink(host.c_str(), text, sizeof text);
  if (size < 0) return errno;
  out.assign(text, static_cast<size_t>(size));
  return 0;
}

int FakeBroker::stat_directory(DirHandle dir, FileStat& out) {
  std::string host;
  if (int e = resolve(dir, ".", false, host); e != 0) return e;
  return stat_path(host, true, out);
}

// Sorted, "." and ".." first; an entry's cookie is the position after it.
int FakeBroker::read_directory(DirHandle dir, uint64_t cookie, std::vector<DirEntry>& out) {
  ++listings;
  std::string host;
  if (int e = resolve(dir, ".", false, host); e != 0) return e;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(host)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  names.insert(names.begin(), {".", ".."});
  size_t first = 0;
  while (first <= names.size() && first * cookie_spread != cookie) ++first;
  for (size_t i = first; i < names.size() && out.size() < listing_size; ++i) {
    FileStat stat;
    EXPECT_EQ(stat_path(host + "/" + names[i], false, stat), 0);
    out.push_back({(i + 1) * cookie_spread, stat.ino, stat.mode_type, names[i]});
  }
  return 0;
}

int FakeBroker::sync_directory(DirHandle dir) {
  std::string host;
  return resolve(dir, ".", false, host);
}

void FakeBroker::close_directory(DirHandle dir) { EXPECT_EQ(handles_.erase(dir), 1U) << dir; }

}  // namespace cordon::wasi
