// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

namespace cordon::supervisor {
namespace {

bool is_ignored(int number) {
  struct sigaction now{};
  return sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

Result<Signals> Signals::take() {
  struct sigaction default_action{};
  default_action.sa_handler = SIG_DFL;
  if (sigaction(SIGCHLD, &default_action, nullptr) != 0) return fail_os("sigaction", errno);
  sigset_t wanted;
  sigemptyset(&wanted);
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGTSTP}) {
    if (!is_ignored(number)) sigaddset(&wanted, number);
  }
  // The signals for terminal access in the background become errors of the call (terminal.h).
  sigset_t blocked = wanted;
  sigaddset(&blocked, SIGTTIN);
  sigaddset(&blocked, SIGTTOU);
  const int error = pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  if (error != 0) return fail_os("pthread_sigmask", error);
  Fd fd(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return fail_os("signalfd", errno);
  return Signals(std::move(fd));
}

int Signals::next() {
  signalfd_siginfo info{};
  if (read(fd_.get(), &info, sizeof info) != sizeof info) return 0;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace cordon::supervisor
