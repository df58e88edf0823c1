// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/worker.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "sandbox/jail/launch.h"

namespace cordon::supervisor {
namespace {

uint64_t nanoseconds(const timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<uint64_t>(time.tv_usec) * 1000U;
}

}  // namespace

Worker::~Worker() {
  if (!pidfd_.valid()) return;
  kill();
  (void)reap();
}

Result<Worker> Worker::start(const std::string& path, Fd channel, jail::LayerSet missing,
                             std::chrono::nanoseconds patience) {
  auto launched = TRY(jail::launch(
      {.program = path, .channel = channel.get(), .missing = missing, .patience = patience}));
  return Worker(std::move(launched.pidfd));
}

void Worker::kill() { (void)syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0); }

Result<WorkerEnd> Worker::reap() {
  siginfo_t info{};
  rusage usage{};
  long waited;
  do {
    // The raw call: the C library's waitid has no rusage.
    waited = syscall(SYS_waitid, P_PIDFD, pidfd_.get(), &info, WEXITED, &usage);
  } while (waited < 0 && errno == EINTR);
  int error = errno;
  pidfd_.reset();
  if (waited < 0) return fail_os("waitid", error);
  WorkerEnd end;
  end.code = info.si_code;
  end.status = info.si_status;
  end.cpu_ns = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
  end.max_rss = static_cast<uint64_t>(usage.ru_maxrss) * 1024U;
  return end;
}

}  // namespace cordon::supervisor
