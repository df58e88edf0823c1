// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/kit/descriptors_in_flight.h"

#include <fcntl.h>

#include <cstring>

namespace cordon::testing {

Bundle::Bundle()
    : null_(open("/dev/null", O_RDWR | O_CLOEXEC)),
      control_(CMSG_SPACE(kDescriptors * sizeof(int))) {
  const std::vector<int> fds(kDescriptors, null_.get());
  auto* header = reinterpret_cast<cmsghdr*>(control_.data());
  *header = {.cmsg_len = CMSG_LEN(kDescriptors * sizeof(int)),
             .cmsg_level = SOL_SOCKET,
             .cmsg_type = SCM_RIGHTS};
  std::memcpy(CMSG_DATA(header), fds.data(), fds.size() * sizeof(int));
}

bool Bundle::send(int socket) const {
  char byte = 0;
  iovec part{&byte, 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = const_cast<char*>(control_.data());
  message.msg_controllen = control_.size();
  return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
}

}  // namespace cordon::testing
