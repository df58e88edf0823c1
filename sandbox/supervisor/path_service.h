// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// PathService: the supervisor's side of the path calls. Takes decoded, still hostile requests,
// gives replies and, for regular files, an open fd. What always holds ([F1]):
//   - a request reaches only what lies beneath a granted directory (resolve.h);
//   - a handle is read-only unless its grant is writable, and so is everything opened through it:
//   each call
//     that could change anything gives EROFS there, O_CREAT and O_TRUNC included;
//   - only regular files and directories are handed out. Fifos and devices are EACCES, sockets
//   ENXIO,
//     without being opened for I/O;
//   - a hard link needs both ends writable, else a file of a read-only grant could be written
//   through it;
//   - the target of a new symbolic link is relative and has no "..", else EPERM: outside targets
//     would be harmless here, but could mislead host programs that follow them later.
// Handles are bounded ([L1]). The replies' `error` is 0 or a positive errno.
#pragma once

#include <vector>

#include "core/base/os/fd.h"
#include "sandbox/protocol/messages.h"

namespace cordon::supervisor {

inline constexpr size_t kMaxDirectories = 256;

// A directory on the host, open (O_DIRECTORY, readable), and whether the guest may change it.
struct Grant {
  Fd directory;
  bool writable = false;
};

class PathService {
 public:
  // Handles 0, 1, ... are the grants, in order.
  explicit PathService(std::vector<Grant> grants) : directories_(std::move(grants)) {}

  protocol::OpenReply open(const protocol::PathOpen& request, Fd& file);
  protocol::StatReply stat(const protocol::PathStat& request);
  protocol::ReadlinkReply readlink(const protocol::PathReadlink& request);
  protocol::StatReply stat_directory(const protocol::DirectoryStat& request);
  protocol::DirectoryReply read_directory(const protocol::DirectoryRead& request);

  int set_times(const protocol::PathSetTimes& request);
  int create_directory(const protocol::PathCreateDirectory& request);
  int remove_directory(const protocol::PathRemoveDirectory& request);
  int unlink_file(const protocol::PathUnlinkFile& request);
  int rename(const protocol::PathRename& request);
  int link(const protocol::PathLink& request);
  int symlink(const protocol::PathSymlink& request);
  int sync_directory(const protocol::DirectorySync& request);
  int close_directory(const protocol::DirectoryClose& request);

  const std::vector<Grant>& directories() const { return directories_; }

 private:
  // EBADF, and with `Access::Change` EROFS.
  enum class Access { Look, Change };
  int find(uint32_t handle, Access access, const Grant*& out) const;
  int add(Fd directory, bool writable, uint32_t& handle);
  int try_open(const protocol::PathOpen& request, protocol::OpenReply& reply, Fd& file);

  std::vector<Grant> directories_;  // a closed one has no fd and is used again
};

}  // namespace cordon::supervisor
