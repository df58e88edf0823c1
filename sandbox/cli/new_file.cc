// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/new_file.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace cordon::cli {
namespace {

constexpr size_t kCopyStep = size_t{16} << 20;

Result<Fd> open_beside(std::string& beside, const std::string& path) {
  beside = path + ".XXXXXX";
  Fd fd(mkostemp(beside.data(), O_CLOEXEC));
  if (!fd.valid()) {
    beside.clear();
    return fail_os("create " + path, errno);
  }
  const mode_t mask = umask(0);
  umask(mask);
  if (fchmod(fd.get(), 0666 & ~mask) != 0) {
    const int error = errno;
    unlink(beside.c_str());
    return fail_os("fchmod " + path, error);
  }
  return fd;
}

}  // namespace

Result<NewFile> NewFile::create(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd.valid()) return fail_os("open " + path, errno);
    return NewFile(std::move(fd), "", path);
  }
  std::string beside;
  Fd fd = TRY(open_beside(beside, path));
  return NewFile(std::move(fd), std::move(beside), path);
}

NewFile::~NewFile() {
  if (!beside_.empty() && fd_.valid()) unlink(beside_.c_str());
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

Result<void> NewFile::copy(int source) {
  for (off_t at = 0;;) {
    const ssize_t step = sendfile(fd_.get(), source, &at, kCopyStep);
    if (step < 0 && errno == EINTR) continue;
    if (step < 0) return fail_os("write " + path_, errno);
    if (step == 0) return {};
  }
}

Result<void> NewFile::put_in_place(Sync sync) {
  if (beside_.empty()) return {};
  if (sync == Sync::Yes && fsync(fd_.get()) != 0) return fail_os("fsync " + path_, errno);
  if (rename(beside_.c_str(), path_.c_str()) != 0) return fail_os("rename to " + path_, errno);
  beside_.clear();
  return {};
}

}  // namespace cordon::cli
