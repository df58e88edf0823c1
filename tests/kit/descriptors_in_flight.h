// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Descriptors that are sent and never received, which the kernel counts for the whole user
// (SCM_RIGHTS, unix(7)).
#pragma once

#include <sys/socket.h>

#include <vector>

#include "core/base/os/fd.h"

namespace cordon::testing {

// A message with as many descriptors as possible, all of them /dev/null.
class Bundle {
 public:
  static constexpr size_t kDescriptors = 253;  // SCM_MAX_FD

  Bundle();
  // False if the kernel accepts no more: by the socket's room, or by the sender's RLIMIT_NOFILE.
  bool send(int socket) const;

 private:
  Fd null_;
  std::vector<char> control_;
};

}  // namespace cordon::testing
