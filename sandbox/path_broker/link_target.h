// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where symbolic links made or moved by a guest may point ([F1]). The broker itself never follows
// one out of a grant; these checks protect host programs that follow them later.
#pragma once

#include <cstddef>
#include <string_view>

namespace cordon::path_broker {

// An open directory, and the granted directory that it is or is beneath, open too.
struct Place {
  int root;
  int directory;
};

// Whether a link in `place` may have this target: 0, or EPERM for an absolute target, for one with
// more leading ".." than there are directories up to the root, and for one with ".." after a name
// (a name may itself be a link, so its destination is unknown). With `deeper` the link is that many
// directories further down.
int check_link_target(const Place& place, std::string_view target, size_t deeper = 0);

// Whether an existing link may move from one directory to another: 0, or EPERM if it pointed inside
// its grant and no longer would, or has ".." after a name. A link that pointed outside before, as
// every absolute one, was made by the host and may be moved.
int check_moved_link(const Place& from, const Place& to, std::string_view target,
                     size_t deeper = 0);

}  // namespace cordon::path_broker
