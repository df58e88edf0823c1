// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A hostile path broker: in its own jail it makes one system call (hostile_broker.h), and reports
// to the supervisor if that returned; or it gives the run worker wrong answers.
#include "tests/escape/hostile_broker.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "sandbox/worker/enter.h"
#include "tests/escape/attack.h"
#include "tests/escape/raw_syscall.h"

namespace cordon::escape {
namespace {

policy::Worker policy_for(protocol::Engine) { return policy::Worker::Paths; }

constexpr uint64_t kSendFlags = MSG_NOSIGNAL | MSG_DONTWAIT;

bool send_with(ByteSpan bytes, const std::vector<int>& fds) {
  iovec part{const_cast<uint8_t*>(bytes.data()), bytes.size()};
  std::vector<char> control(CMSG_SPACE(fds.size() * sizeof(int)));
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
  std::memcpy(CMSG_DATA(rights), fds.data(), fds.size() * sizeof(int));
  return raw(SYS_sendmsg, jail::kGuestChannelFd, address(&header), kSendFlags) > 0;
}

template <class Reply>
void reply_with(const Reply& reply, const std::vector<int>& fds) {
  (void)send_with(*protocol::encode(reply), fds);
}

void commit(Deed deed) {
  protocol::Channel guest(Fd(jail::kGuestChannelFd), protocol::Direction::ToBroker);
  if (!guest.receive()) return;
  const int file = STDIN_FILENO;  // /dev/null
  const protocol::OpenReply opened{.handle = protocol::kNoHandle};
  const std::vector<int> many(253, file);
  switch (deed) {
    case Deed::SendTheFile: reply_with(opened, {file}); break;
    case Deed::SendManyFiles: reply_with(opened, many); break;
    case Deed::SendADirectory: reply_with(opened, {jail::kFirstGrantFd}); break;
    case Deed::SendItsChannel: reply_with(opened, {jail::kChannelFd}); break;
    case Deed::SendAFileThatIsNone:
      (void)guest.send(opened, protocol::Channel::Wait::DoNotWait);
      break;
    case Deed::SendAFileWithARefusal:
      reply_with(protocol::OpenReply{.error = EPERM}, {file});
      break;
    case Deed::SendAnotherReply: reply_with(protocol::StatReply{}, {file}); break;
    case Deed::SendTooMuchToTake:
      while (send_with(*protocol::encode(opened), many)) {
      }
      break;
  }
  while (guest.receive()) {
  }
}

void run() {
  worker::Entered entered = worker::enter(policy_for);
  const uint32_t told = entered.settings.max_files;
  if (is_deed(told)) {
    worker::close_the_jail(entered.policy);
    commit(deed_of(told));
    _exit(0);
  }
  const Order order = order_of(told);
  if (order.in_guest_phase) worker::close_the_jail(entered.policy);
  std::string text = attempt_syscall(kForms[order.form], order.number);
  (void)entered.channel.send(protocol::PathsEnded{std::move(text), true});
  // The supervisor takes the filter's listener only now, from a process that is there.
  for (;;) asm volatile("");
}

}  // namespace
}  // namespace cordon::escape

int main() { cordon::escape::run(); }
