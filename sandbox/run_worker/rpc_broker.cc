// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/run_worker/rpc_broker.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/wasi/host_stat.h"
#include "sandbox/worker/ask.h"

namespace cordon::run_worker {
namespace {

using wasi::DirHandle;

// The path broker is gone, or has broken the protocol.
constexpr int kExitChannelBroken = 70;

template <class Reply>
Reply decode_reply(const protocol::Received& received) {
  Result<Reply> reply = received.as<Reply>();
  if (!reply) _exit(kExitChannelBroken);
  return std::move(*reply);
}

// [P1] Only an opened file may come with a reply.
protocol::Received without_file(protocol::Received received) {
  if (received.file.valid() || received.file_lost) _exit(kExitChannelBroken);
  return received;
}

// [F1] A guest gets no directory, socket or pipe from a path broker that was taken over.
bool is_file(const Fd& fd) {
  wasi::FileStat status;
  if (wasi::stat_host(fd.get(), status) != wasi::Errno::success) return false;
  return status.mode_type == S_IFREG || status.mode_type == S_IFCHR;
}

// Requests the file that the path broker could not send: 0 or a positive errno.
int ask_for_file(Fd& file) {
  Result<Fd> given = worker::ask_for(protocol::Descriptor::File);
  if (!given) return given.error().os_error == EMFILE ? EMFILE : EIO;
  file = std::move(*given);
  return 0;
}

bool too_long(std::string_view path) { return path.size() > protocol::kMaxPath; }

wasi::FileStat to_wasi(const protocol::FileStat& s) {
  return {.dev = s.dev,
          .ino = s.ino,
          .nlink = s.nlink,
          .size = s.size,
          .mode_type = s.mode_type,
          .atim_ns = s.atim_ns,
          .mtim_ns = s.mtim_ns,
          .ctim_ns = s.ctim_ns};
}

}  // namespace

RpcBroker::RpcBroker(std::optional<protocol::Channel> channel,
                     const std::vector<protocol::Preopen>& preopens)
    : channel_(std::move(channel)) {
  for (const protocol::Preopen& preopen : preopens) {
    preopens_.push_back({preopen.guest_path, preopen.writable});
  }
}

template <class Request>
protocol::Received RpcBroker::exchange(const Request& request) {
  send_released();
  held_ = protocol::kNoHandle;
  if (!channel_->send(request)) _exit(kExitChannelBroken);
  Result<protocol::Received> received = channel_->receive_with_file();
  if (!received) _exit(kExitChannelBroken);
  return std::move(*received);
}

template <class Reply, class Request>
Reply RpcBroker::call(const Request& request) {
  return decode_reply<Reply>(without_file(exchange(request)));
}

static_assert(wasi::kNoFile == protocol::kNoHandle);

template <class Request>
int RpcBroker::status(const Request& request) {
  return static_cast<int>(call<protocol::StatusReply>(request).error);
}

int RpcBroker::open(const wasi::OpenRequest& r, wasi::Opened& out) {
  if (too_long(r.path)) return ENAMETOOLONG;
  protocol::Received received = exchange(protocol::PathOpen{.dir = r.dir,
                                                            .path = std::string(r.path),
                                                            .follow = r.follow,
                                                            .create = r.create,
                                                            .directory = r.directory,
                                                            .exclusive = r.exclusive,
                                                            .truncate = r.truncate,
                                                            .read = r.read,
                                                            .write = r.write,
                                                            .append = r.append});
  const auto reply = decode_reply<protocol::OpenReply>(received);
  const bool is_file = reply.error == 0 && !reply.is_directory;
  if (!is_file) received = without_file(std::move(received));
  if (reply.error != 0) return static_cast<int>(reply.error);
  out.is_directory = reply.is_directory;
  if (reply.is_directory) {
    out.dir = reply.handle;
  } else if (int e = take_file(std::move(received), reply.handle, out); e != 0) {
    return e;
  }
  out.stat = to_wasi(reply.stat);
  return 0;
}

int RpcBroker::stat(DirHandle dir, std::string_view path, bool follow, wasi::FileStat& out) {
  if (too_long(path)) return ENAMETOOLONG;
  auto reply = call<protocol::StatReply>(protocol::PathStat{dir, std::string(path), follow});
  if (reply.error == 0) out = to_wasi(reply.stat);
  return static_cast<int>(reply.error);
}

int RpcBroker::set_times(DirHandle dir, std::string_view path, bool follow,
                         const wasi::FileTimes& times) {
  if (too_long(path)) return ENAMETOOLONG;
  return status(
      protocol::PathSetTimes{dir, std::string(path), follow, times.atim_ns, times.mtim_ns});
}

int RpcBroker::create_directory(DirHandle dir, std::string_view path) {
  if (too_long(path)) return ENAMETOOLONG;
  return status(protocol::PathCreateDirectory{dir, std::string(path)});
}

int RpcBroker::remove_directory(DirHandle dir, std::string_view path) {
  if (too_long(path)) return ENAMETOOLONG;
  return status(protocol::PathRemoveDirectory{dir, std::string(path)});
}

int RpcBroker::unlink_file(DirHandle dir, std::string_view path) {
  if (too_long(path)) return ENAMETOOLONG;
  return status(protocol::PathUnlinkFile{dir, std::string(path)});
}

int RpcBroker::rename(DirHandle from_dir, std::string_view from, DirHandle to_dir,
                      std::string_view to) {
  if (too_long(from) || too_long(to)) return ENAMETOOLONG;
  return status(protocol::PathRename{from_dir, std::string(from), to_dir, std::string(to)});
}

int RpcBroker::link(DirHandle from_dir, std::string_view from, bool follow, DirHandle to_dir,
                    std::string_view to) {
  if (too_long(from) || too_long(to)) return ENAMETOOLONG;
  return status(protocol::PathLink{from_dir, std::string(from), follow, to_dir, std::string(to)});
}

int RpcBroker::symlink(std::string_view target, DirHandle dir, std::string_view path) {
  if (too_long(target) || too_long(path)) return ENAMETOOLONG;
  return status(protocol::PathSymlink{std::string(target), dir, std::string(path)});
}

int RpcBroker::readlink(DirHandle dir, std::string_view path, std::string& out) {
  if (too_long(path)) return ENAMETOOLONG;
  auto reply = call<protocol::ReadlinkReply>(protocol::PathReadlink{dir, std::string(path)});
  if (reply.error == 0) out = std::move(reply.target);
  return static_cast<int>(reply.error);
}

int RpcBroker::stat_directory(DirHandle dir, wasi::FileStat& out) {
  auto reply = call<protocol::StatReply>(protocol::DirectoryStat{dir});
  if (reply.error == 0) out = to_wasi(reply.stat);
  return static_cast<int>(reply.error);
}

int RpcBroker::read_directory(DirHandle dir, uint64_t cookie, std::vector<wasi::DirEntry>& out) {
  auto reply = call<protocol::DirectoryReply>(protocol::DirectoryRead{dir, cookie});
  for (protocol::DirEntry& entry : reply.entries) {
    out.push_back({entry.next_cookie, entry.ino, entry.mode_type, std::move(entry.name)});
  }
  return static_cast<int>(reply.error);
}

int RpcBroker::sync_directory(DirHandle dir) { return status(protocol::DirectorySync{dir}); }

void RpcBroker::close_directory(DirHandle dir) { release(dir); }

int RpcBroker::set_file_times(wasi::FileHandle file, const wasi::FileTimes& times) {
  return status(protocol::FileSetTimes{file, times.atim_ns, times.mtim_ns});
}

void RpcBroker::close_file(wasi::FileHandle file, bool unlinked) {
  release(file);
  if (unlinked || file == held_) send_released();
}

int RpcBroker::take_file(protocol::Received reply, uint32_t handle, wasi::Opened& out) {
  Fd file = std::move(reply.file);
  int error = 0;
  if (reply.file_lost) {
    error = EMFILE;
  } else if (file.valid()) {
    if (!is_file(file)) _exit(kExitChannelBroken);
  } else {
    error = ask_for_file(file);
    // The broker keeps the file open until the next message. A file that may be changed must not
    // stay open after the guest's close: the close is reported at once if nothing else was sent
    // since the open.
    if (error == 0) held_ = handle;
  }
  if (error != 0) {
    if (handle != protocol::kNoHandle) release(handle);
    return error;
  }
  out.file = std::move(file);
  out.file_handle = handle;
  return 0;
}

void RpcBroker::release(uint32_t handle) {
  released_.handles.push_back(handle);
  if (released_.handles.size() == protocol::kMaxReleased) send_released();
}

void RpcBroker::send_released() {
  if (!released_.handles.empty()) send(released_);
}

void RpcBroker::send(protocol::Release& released) {
  held_ = protocol::kNoHandle;
  if (!channel_->send(released)) _exit(kExitChannelBroken);
  released.handles.clear();
}

}  // namespace cordon::run_worker
