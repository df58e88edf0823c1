// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// PathService: the answers to the path calls, in the path broker. Takes decoded, still hostile
// requests, gives replies and, for files, an open fd. Invariants ([F1]):
//   - a request reaches only what is beneath a granted directory, and no kernel interface
//     (resolve.h);
//   - a handle is read-only unless its grant is writable, and so is everything opened through it:
//     each call that could change anything gives EROFS there, O_CREAT and O_TRUNC included;
//   - only regular files, directories and a few harmless devices are handed out (inode.h), nothing
//     else is opened for I/O;
//   - a hard link needs both ends writable, else a file of a read-only grant could be written
//     through it;
//   - a symbolic link that the guest makes or moves stays inside its grant (link_target.h).
// Handles are bounded ([L1]). The replies' `error` is 0 or a positive errno.
#pragma once

#include <vector>

#include "core/base/os/fd.h"
#include "sandbox/path_broker/handles.h"
#include "sandbox/path_broker/inode.h"
#include "sandbox/path_broker/read_only.h"
#include "sandbox/protocol/messages.h"

namespace cordon::path_broker {

// For one run worker, on one thread.
class PathService {
 public:
  // Handles 0, 1, ... are the grants, in order; at most `max_handles` more are open at a time.
  PathService(std::vector<Grant> grants, size_t max_handles)
      : handles_(std::move(grants), max_handles) {}

  // openat2(2); `file` is none unless a file was opened. Where a path is given, it is resolved
  // beneath the handle of the request.
  protocol::OpenReply open(const protocol::PathOpen& request, Fd& file);
  protocol::StatReply stat(const protocol::PathStat& request) const;
  protocol::ReadlinkReply readlink(const protocol::PathReadlink& request) const;
  protocol::StatReply stat_directory(const protocol::DirectoryStat& request) const;
  protocol::DirectoryReply read_directory(const protocol::DirectoryRead& request) const;

  // utimensat, mkdirat, unlinkat, renameat, linkat, symlinkat and fsync(2), beneath the handles of
  // the request. Each gives the errno for the reply.
  int set_times(const protocol::PathSetTimes& request) const;
  int set_file_times(const protocol::FileSetTimes& request) const;
  int create_directory(const protocol::PathCreateDirectory& request) const;
  int remove_directory(const protocol::PathRemoveDirectory& request) const;
  int unlink_file(const protocol::PathUnlinkFile& request) const;
  int rename(const protocol::PathRename& request) const;
  int link(const protocol::PathLink& request) const;
  int symlink(const protocol::PathSymlink& request) const;
  int sync_directory(const protocol::DirectorySync& request) const;
  // Closes the handle. No effect on a grant and on a number that is not open.
  void release(const protocol::Release& request);

 private:
  using Access = Handles::Access;
  using Handle = Handles::Handle;
  // The file that a path named before it was opened, if any.
  struct Seen {
    Fd fd;  // O_PATH
    Inode inode;
  };

  // The directory `number` for a change of `path`; 0 only if it may be changed.
  int changeable(uint32_t number, std::string_view path, Name name, const Handle*& dir) const;
  int open_read_only(const protocol::PathOpen& request, protocol::OpenReply& reply, Fd& file);
  int try_open(const protocol::PathOpen& request, protocol::OpenReply& reply, Fd& file);
  int keep_file(const protocol::PathOpen& request, const Handle& dir, Seen seen,
                const Inode& opened, uint32_t& number);

  Handles handles_;
};

}  // namespace cordon::path_broker
