// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handles: the guest's open files and directories beneath its grants, by number. Handles 0, 1, ...
// are the grants, in order, and stay. All others are directories that it opened, and files of
// writable grants (by an O_PATH descriptor), so that their times can be set even without a name.
// Invariant ([F1]): a handle belongs to one grant and is writable if and only if that is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/os/fd.h"

namespace cordon::path_broker {

// A directory on the host, open (O_DIRECTORY, readable), and whether the guest may change it.
struct Grant {
  Fd directory;
  bool writable = false;
};

// Owns the descriptors. For one thread.
class Handles {
 public:
  // At most `limit` handles besides the grants ([L1]). Every request to a grant that is a kernel
  // interface gives EACCES.
  Handles(std::vector<Grant> grants, size_t limit);

  // One open file or directory. `grant` is the number of the grant that contains it.
  struct Handle {
    Fd fd;
    uint32_t grant = 0;
    bool is_directory = false;
  };
  // Whether a request changes something.
  enum class Access { Look, Change };

  // 0; EBADF for a number that is not open as a directory or file; EACCES for a grant that is not
  // served; and with Access::Change EROFS for a read-only one. `out` is valid until the next add().
  int directory(uint32_t number, Access access, const Handle*& out) const;
  int file(uint32_t number, const Handle*& out) const;

  // EMFILE if the limit is reached.
  int add(Handle handle, uint32_t& number);
  // No effect on a grant and on a number that is not open.
  void release(uint32_t number);

  // Whether its grant is writable.
  bool is_writable(const Handle& handle) const { return grants_[handle.grant].writable; }
  // The granted directory that contains `handle`.
  int root_of(const Handle& handle) const { return handles_[handle.grant].fd.get(); }

 private:
  struct GrantState {
    bool writable;
    bool served;
  };
  std::vector<GrantState> grants_;
  std::vector<Handle> handles_;  // the grants first; a released one has no fd and is reused
  std::vector<uint32_t> free_;
  size_t limit_;
};

}  // namespace cordon::path_broker
