// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/reference/child.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

namespace cordon::fuzz {
namespace {

// An answer is text about one module; a longer one means that the child is out of control.
constexpr uint32_t kMaxAnswer = uint32_t{64} << 20;

bool wait_for(int fd, short events, int milliseconds) {
  pollfd entry{.fd = fd, .events = events, .revents = 0};
  return ::poll(&entry, 1, milliseconds) == 1;
}

// Runs in the new process, where nothing may be allocated.
[[noreturn]] void become(char* const* command, int socket, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() == parent && ::dup2(socket, STDIN_FILENO) >= 0 &&
      ::dup2(socket, STDOUT_FILENO) >= 0) {
    ::execvp(command[0], command);
  }
  ::_exit(127);
}

}  // namespace

bool Child::start() {
  stop();
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
  socket_ = Fd(pair[0]);
  const Fd theirs(pair[1]);
  std::vector<char*> arguments;
  for (std::string& each : command_) arguments.push_back(each.data());
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(arguments.data(), theirs.get(), parent);
  return pid_ > 0;
}

void Child::stop() {
  socket_.reset();
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  pid_ = -1;
}

bool Child::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait_for(socket_.get(), POLLOUT, patience_ms_)) return false;
    const ssize_t sent =
        ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool Child::receive(char* to, size_t size) {
  while (size != 0) {
    if (!wait_for(socket_.get(), POLLIN, patience_ms_)) return false;
    const ssize_t received = ::recv(socket_.get(), to, size, 0);
    if (received <= 0) return false;
    to += received;
    size -= static_cast<size_t>(received);
  }
  return true;
}

std::optional<std::string> Child::ask(std::string_view message) {
  uint32_t size = static_cast<uint32_t>(message.size());
  std::string framed(reinterpret_cast<const char*>(&size), sizeof size);
  framed += message;
  std::string answer;
  if (send(framed) && receive(reinterpret_cast<char*>(&size), sizeof size) && size <= kMaxAnswer) {
    answer.resize(size);
    if (receive(answer.data(), size)) return answer;
  }
  stop();
  return std::nullopt;
}

}  // namespace cordon::fuzz
