// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/path_broker/link_target.h"

#include <cerrno>
#include <optional>

#include "sandbox/path_broker/inode.h"
#include "sandbox/path_broker/resolve.h"

namespace cordon::path_broker {
namespace {

// How many ".." the target begins with; nothing if it is absolute or has one later.
std::optional<size_t> leading_parents(std::string_view target) {
  if (target.starts_with('/')) return std::nullopt;
  size_t parents = 0;
  bool named = false;
  while (!target.empty()) {
    const size_t slash = target.find('/');
    const std::string_view part = target.substr(0, slash);
    if (part == "..") {
      if (named) return std::nullopt;
      ++parents;
    } else if (!part.empty() && part != ".") {
      named = true;
    }
    if (slash == std::string_view::npos) break;
    target.remove_prefix(slash + 1);
  }
  return parents;
}

// Whether `levels` directories up from `place` is still its root or beneath it. Only opens parents
// of open directories, and serves nothing of them.
bool stays_beneath(const Place& place, size_t levels) {
  Inode top, here;
  if (read_inode(place.root, top) != 0) return false;
  Fd held;
  for (int at = place.directory; levels > 0; --levels) {
    if (read_inode(at, here) != 0 || here.is_same_file(top)) return false;
    Fd up;
    Inode above;
    if (open_above(at, up) != 0 || read_inode(up.get(), above) != 0) return false;
    // The root of all directories is its own parent: this one has been moved out of the grant.
    if (above.is_same_file(here)) return false;
    held = std::move(up);
    at = held.get();
  }
  return true;
}

size_t less(size_t parents, size_t deeper) { return parents > deeper ? parents - deeper : 0; }

}  // namespace

int check_link_target(const Place& place, std::string_view target, size_t deeper) {
  const std::optional<size_t> parents = leading_parents(target);
  return parents && stays_beneath(place, less(*parents, deeper)) ? 0 : EPERM;
}

int check_moved_link(const Place& from, const Place& to, std::string_view target, size_t deeper) {
  if (target.starts_with('/')) return 0;
  if (!leading_parents(target)) return EPERM;
  if (check_link_target(from, target, deeper) != 0) return 0;
  return check_link_target(to, target, deeper);
}

}  // namespace cordon::path_broker
