// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/cache_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace cordon::supervisor {
namespace {

// [L1] A path has no more steps than this (PATH_MAX / 2).
constexpr int kMostSteps = 2048;

std::string absolute_from(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && value[0] == '/' ? value : "";
}

// With a slash at its end a symbolic link would be followed.
std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

Result<void> make_with_parents(const std::string& path) {
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      // A parent that is there may say EROFS or EACCES instead.
      struct stat status;
      const int error = errno;
      if (stat(part.c_str(), &status) != 0) return fail_os("--cache: mkdir " + part, error);
    }
    if (end == std::string::npos) return {};
  }
}

// The owner's rights count; of an access list the group's bits are the most that it gives.
Result<void> expect_private(const struct stat& status, const std::string& path) {
  const uid_t self = geteuid();
  if (status.st_uid != self) {
    return fail_os("--cache: " + path + " belongs to user " + std::to_string(status.st_uid) +
                       " and not to user " + std::to_string(self) +
                       ", who runs this: name a directory of your own",
                   EACCES);
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fail_os("--cache: others may write to " + path + ": name another directory, or `chmod " +
                       "go-w` it, and clear it (`cordon cache clear`)",
                   EACCES);
  }
  return {};
}

bool same(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

Result<std::string> default_cache_directory() {
  std::string base = absolute_from("XDG_CACHE_HOME");
  if (base.empty() && !absolute_from("HOME").empty()) base = absolute_from("HOME") + "/.cache";
  if (!base.empty()) return base + "/cordon";
  return fail_os("--cache: neither XDG_CACHE_HOME nor HOME is the path of a directory: name one",
                 ENOENT);
}

Result<Fd> open_cache_directory(const std::string& path, IfMissing if_missing) {
  const std::string name = without_slashes(path);
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  Fd directory(open(name.c_str(), kFlags));
  if (!directory.valid() && errno == ENOENT && if_missing == IfMissing::Make) {
    TRY_VOID(make_with_parents(name));
    directory = Fd(open(name.c_str(), kFlags));
  }
  struct stat status;
  if (!directory.valid()) {
    const int error = errno;
    const bool is_link = lstat(name.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
    return fail_os("--cache: open directory " + name +
                       (is_link ? ", a symbolic link: name the directory itself" : ""),
                   error);
  }
  if (fstat(directory.get(), &status) != 0) return fail_os("--cache: fstat " + name, errno);
  TRY_VOID(expect_private(status, name));
  return directory;
}

Result<bool> is_beneath(int directory, int above) {
  struct stat wanted, here, before{};
  if (fstat(above, &wanted) != 0) return fail_os("--cache: fstat", errno);
  Fd at(openat(directory, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (int step = 0; step < kMostSteps; ++step) {
    if (!at.valid() || fstat(at.get(), &here) != 0) return fail_os("--cache: open ..", errno);
    if (same(here, wanted)) return true;
    if (step > 0 && same(here, before)) return false;  // the root is its own parent
    before = here;
    at = Fd(openat(at.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  return fail_os("--cache: open ..", ELOOP);
}

}  // namespace cordon::supervisor
