// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/tools/hanging_files.h"

#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cordon::tests {
namespace {

constexpr uint64_t kFile = 2;  // its node; the root's is FUSE_ROOT_ID
constexpr uint64_t kCachedSeconds = 3600;
constexpr size_t kMostRequest = size_t{1} << 20;

fuse_attr attributes_of(uint64_t node) {
  fuse_attr attributes{};
  attributes.ino = node;
  attributes.mode = node == kFile ? S_IFREG | 0666 : S_IFDIR | 0777;
  attributes.nlink = 1;
  attributes.size = node == kFile ? 1 : 0;
  attributes.blksize = 4096;
  return attributes;
}

}  // namespace

HangingFiles::HangingFiles(const std::string& place, uint32_t hangs)
    : hangs_(hangs), stop_(eventfd(0, EFD_CLOEXEC)) {
  Fd device(open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (!device.valid()) return;
  const std::string options =
      "fd=" + std::to_string(device.get()) + ",rootmode=40777,user_id=0,group_id=0,allow_other";
  if (mount("hanging", place.c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) != 0) return;
  device_ = std::move(device);
  server_ = std::thread([this] { serve(); });
}

void HangingFiles::let_go() {
  if (!server_.joinable()) return;
  const uint64_t one = 1;
  (void)!write(stop_.get(), &one, sizeof one);
  server_.join();
  device_.reset();
}

void HangingFiles::serve() {
  std::vector<char> request(kMostRequest);
  for (;;) {
    pollfd waits[] = {{device_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (poll(waits, 2, -1) < 0 && errno == EINTR) continue;
    if (waits[1].revents != 0) return;
    const ssize_t got = read(device_.get(), request.data(), request.size());
    if (got < static_cast<ssize_t>(sizeof(fuse_in_header))) {
      if (errno == EINTR || errno == EAGAIN || errno == ENOENT) continue;
      return;
    }
    answer(request);
  }
}

void HangingFiles::reply(uint64_t unique, int error, const void* body, size_t size) const {
  fuse_out_header header{static_cast<uint32_t>(sizeof header + size), -error, unique};
  iovec parts[] = {{&header, sizeof header}, {const_cast<void*>(body), size}};
  (void)!writev(device_.get(), parts, size == 0 ? 1 : 2);
}

void HangingFiles::answer(const std::vector<char>& request) {
  fuse_in_header header;
  std::memcpy(&header, request.data(), sizeof header);
  const char* body = request.data() + sizeof header;
  if (header.opcode == hangs_) {
    ++waiting_;
    return;
  }
  switch (header.opcode) {
    case FUSE_INIT: {
      fuse_init_out out{};
      out.major = FUSE_KERNEL_VERSION;
      out.minor = FUSE_KERNEL_MINOR_VERSION;
      out.max_write = 4096;
      return reply(header.unique, 0, &out, sizeof out);
    }
    case FUSE_LOOKUP: {
      if (std::strcmp(body, "file") != 0) return reply(header.unique, ENOENT, nullptr, 0);
      fuse_entry_out out{};
      out.nodeid = kFile;
      out.attr = attributes_of(kFile);
      out.entry_valid = out.attr_valid = kCachedSeconds;
      return reply(header.unique, 0, &out, sizeof out);
    }
    case FUSE_GETATTR: {
      fuse_attr_out out{};
      out.attr_valid = kCachedSeconds;
      out.attr = attributes_of(header.nodeid);
      return reply(header.unique, 0, &out, sizeof out);
    }
    case FUSE_OPEN:
    case FUSE_OPENDIR: {
      fuse_open_out out{};
      return reply(header.unique, 0, &out, sizeof out);
    }
    case FUSE_WRITE: {
      fuse_write_in in;
      std::memcpy(&in, body, sizeof in);
      fuse_write_out out{};
      out.size = in.size;
      return reply(header.unique, 0, &out, sizeof out);
    }
    case FUSE_STATFS: {
      fuse_statfs_out out{};
      out.st.bsize = out.st.frsize = 4096;
      out.st.namelen = 255;
      return reply(header.unique, 0, &out, sizeof out);
    }
    case FUSE_READ: return reply(header.unique, 0, "x", 1);
    case FUSE_FSYNC:
    case FUSE_FLUSH:
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR: return reply(header.unique, 0, nullptr, 0);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: return;  // have no answer
    default: return reply(header.unique, ENOSYS, nullptr, 0);
  }
}

}  // namespace cordon::tests
