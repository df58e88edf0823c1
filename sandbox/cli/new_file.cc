// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/new_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "core/base/hex.h"

namespace cordon::cli {
namespace {

constexpr size_t kCopyStep = size_t{16} << 20;
constexpr mode_t kMode = 0666;  // the umask applies

// 128 random bits, so that no file of that name exists.
Result<std::string> chance_name(const std::string& name) {
  uint64_t words[2];
  if (getrandom(words, sizeof words, 0) != sizeof words) return fail_os("getrandom", errno);
  return "." + name.substr(0, 100) + "." + hex(words[0]).substr(2) + hex(words[1]).substr(2);
}

bool has_no_tmpfile(int error) {
  return error == EOPNOTSUPP || error == EISDIR || error == ENOENT || error == EINVAL;
}

}  // namespace

Result<NewFile> NewFile::create(const std::string& path) {
  if (path == "-") {
    Fd own(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
    if (!own.valid()) return fail_os("standard output", errno);
    return around(std::move(own), "standard output");
  }
  struct stat status;
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd.valid()) return fail_os("open " + path, errno);
    return NewFile(std::move(fd), path);
  }
  const size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  NewFile file({}, path);
  file.name_ = slash == std::string::npos ? path : path.substr(slash + 1);
  if (file.name_.empty()) return fail_os("create " + path, EISDIR);
  file.directory_ = Fd(open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!file.directory_.valid()) return fail_os("create " + path, errno);
  const int directory = file.directory_.get();
  file.fd_ = Fd(openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, kMode));
  if (!file.fd_.valid() && has_no_tmpfile(errno)) {
    file.beside_ = TRY(chance_name(file.name_));
    file.fd_ = Fd(openat(directory, file.beside_.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kMode));
  }
  if (!file.fd_.valid()) {
    file.beside_.clear();
    return fail_os("create " + path, errno);
  }
  return file;
}

NewFile::~NewFile() {
  if (!beside_.empty() && fd_.valid() && is_mine(beside_)) {
    unlinkat(directory_.get(), beside_.c_str(), 0);
  }
}

// Whether that name in the directory is this very file.
bool NewFile::is_mine(const std::string& name) const {
  struct stat there, here;
  return fstatat(directory_.get(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
         fstat(fd_.get(), &here) == 0 && there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

Result<void> NewFile::reserve(uint64_t size) {
  if (!directory_.valid()) return {};
  const int done = fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size));
  if (done != 0 && errno != EOPNOTSUPP && errno != ENOSYS) return fail_os("write " + path_, errno);
  return {};
}

Result<void> NewFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t step = ::write(fd_.get(), text.data(), text.size());
    if (step < 0 && errno == EINTR) continue;
    if (step < 0) return fail_os("write " + path_, errno);
    text.remove_prefix(static_cast<size_t>(step));
  }
  return {};
}

Result<void> NewFile::copy_from(int source, off_t at) {
  std::vector<char> bytes(kCopyStep);
  for (;;) {
    const ssize_t step = pread(source, bytes.data(), bytes.size(), at);
    if (step < 0 && errno == EINTR) continue;
    if (step < 0) return fail_os("read what becomes " + path_, errno);
    if (step == 0) return {};
    TRY_VOID(write({bytes.data(), static_cast<size_t>(step)}));
    at += step;
  }
}

Result<void> NewFile::copy(int source) {
  for (off_t at = 0;;) {
    const ssize_t step = sendfile(fd_.get(), source, &at, kCopyStep);
    if (step < 0 && errno == EINTR) continue;
    // Some targets do not support the call, such as a file opened for appending only.
    if (step < 0 && errno == EINVAL) return copy_from(source, at);
    if (step < 0) return fail_os("write " + path_, errno);
    if (step == 0) return {};
  }
}

Result<void> NewFile::give_a_name() {
  if (!beside_.empty() && is_mine(beside_)) return {};
  const std::string link = "/proc/self/fd/" + std::to_string(fd_.get());
  std::string name = TRY(chance_name(name_));
  if (linkat(AT_FDCWD, link.c_str(), directory_.get(), name.c_str(), AT_SYMLINK_FOLLOW) != 0) {
    return fail_os("link " + path_, errno);
  }
  beside_ = std::move(name);
  return {};
}

Result<void> NewFile::put_in_place(Sync sync) {
  if (!directory_.valid()) return {};
  if (sync == Sync::Yes && fsync(fd_.get()) != 0) return fail_os("fsync " + path_, errno);
  TRY_VOID(give_a_name());
  const int directory = directory_.get();
  if (renameat(directory, beside_.c_str(), directory, name_.c_str()) != 0) {
    // If a directory took its place meanwhile, that keeps its contents, under the other name.
    const bool in_the_way = errno == EISDIR || errno == ENOTEMPTY || errno == EEXIST;
    if (!in_the_way || syscall(SYS_renameat2, directory, beside_.c_str(), directory, name_.c_str(),
                               RENAME_EXCHANGE) != 0) {
      return fail_os("rename to " + path_, errno);
    }
  }
  beside_.clear();
  if (!is_mine(name_)) return fail_os("rename to " + path_ + ": replaced meanwhile", ESTALE);
  // Frees the reserved room that was not used.
  struct stat status;
  if (fstat(fd_.get(), &status) == 0) (void)!ftruncate(fd_.get(), status.st_size);
  return {};
}

}  // namespace cordon::cli
