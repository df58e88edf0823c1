// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/path_broker/moved_tree.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "sandbox/path_broker/read_entries.h"
#include "sandbox/path_broker/resolve.h"

namespace cordon::path_broker {
namespace {

// [L1] The entries that one rename examines at most.
constexpr size_t kMostEntries = 20'000;
constexpr size_t kMostLevels = 64;

// How many directories there are from `place` up to its root, or kMostLevels.
size_t depth_of(const Place& place) {
  Inode top, here;
  if (read_inode(place.root, top) != 0) return 0;
  Fd held;
  int at = place.directory;
  for (size_t depth = 0; depth < kMostLevels; ++depth) {
    if (read_inode(at, here) != 0 || here.is_same_file(top)) return depth;
    Fd up;
    if (open_above(at, up) != 0) return depth;
    held = std::move(up);
    at = held.get();
  }
  return kMostLevels;
}

// Examines every symbolic link beneath a directory.
class Search {
 public:
  Search(const Place& from, const Place& to) : from_(from), to_(to) {}

  // `level`: how many directories `directory` is below the places.
  int look_into(int directory, size_t level) {
    if (level > kMostLevels) return EXDEV;
    Fd readable;
    // Reading needs a descriptor that is not O_PATH.
    if (open_beneath(directory, ".", O_RDONLY | O_DIRECTORY, 0, readable) != 0) return EXDEV;
    for (uint64_t cookie = 0;;) {
      std::vector<protocol::DirEntry> entries;
      if (read_entries(readable.get(), cookie, entries) != 0) return EXDEV;
      if (entries.empty()) return 0;
      for (const protocol::DirEntry& entry : entries) {
        if (++seen_ > kMostEntries) return EXDEV;
        if (int e = look_at(readable.get(), entry, level); e != 0) return e;
      }
      cookie = entries.back().next_cookie;
    }
  }

 private:
  int look_at(int directory, const protocol::DirEntry& entry, size_t level) {
    const bool may_be_link = entry.mode_type == S_IFLNK || entry.mode_type == 0;
    const bool may_be_directory = entry.mode_type == S_IFDIR || entry.mode_type == 0;
    if (entry.name == "." || entry.name == ".." || !(may_be_link || may_be_directory)) return 0;
    Fd fd;
    Inode inode;
    if (open_beneath(directory, entry.name, O_PATH | O_NOFOLLOW, 0, fd) != 0) return 0;
    if (read_inode(fd.get(), inode) != 0) return 0;
    if (inode.stat.mode_type == S_IFDIR) return look_into(fd.get(), level + 1);
    if (inode.stat.mode_type != S_IFLNK) return 0;
    std::string target;
    if (read_link(fd.get(), target) != 0) return EXDEV;
    return check_moved_link(from_, to_, target, level) == 0 ? 0 : EXDEV;
  }

  Place from_, to_;
  size_t seen_ = 0;
};

bool is_same_directory(int a, int b) {
  Inode left, right;
  return read_inode(a, left) == 0 && read_inode(b, right) == 0 && left.is_same_file(right);
}

}  // namespace

int check_move(const Place& from, const Place& to, int moved, const Inode& inode) {
  const uint32_t kind = inode.stat.mode_type;
  if (kind != S_IFLNK && kind != S_IFDIR) return 0;
  if (is_same_directory(from.directory, to.directory)) return 0;
  if (kind == S_IFLNK) {
    std::string target;
    if (int e = read_link(moved, target); e != 0) return e;
    return check_moved_link(from, to, target);
  }
  // If no link gets nearer to the root of its grant, none can begin to lead out.
  if (depth_of(to) >= depth_of(from)) return 0;
  return Search(from, to).look_into(moved, 1);
}

}  // namespace cordon::path_broker
