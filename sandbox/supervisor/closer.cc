// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/closer.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "core/base/check.h"
#include "sandbox/jail/reap.h"
#include "sandbox/supervisor/raw_call.h"

namespace cordon::supervisor {
namespace {

constexpr int kEnd = -1;  // instead of a descriptor: nothing follows
constexpr size_t kStack = size_t{16} << 10;

// A ring with one writer and one reader; the counts only ever grow.
struct Waiting {
  uint32_t given;  // the closer also sleeps on it
  uint32_t taken;
  int fds[Closer::kMostWaiting + 1];  // and kEnd
  int parent;
};
constexpr uint32_t kPlaces = Closer::kMostWaiting + 1;

Waiting* waiting_in(const Mapping& memory) { return reinterpret_cast<Waiting*>(memory.base()); }

// Runs on a stack of its own, beside the supervisor's threads.
__attribute__((no_sanitize("all"), no_stack_protector)) int close_all(void* argument) {
  auto* waiting = static_cast<Waiting*>(argument);
  raw_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
  if (raw_call(SYS_getppid) != waiting->parent) raw_call(SYS_exit, 1);  // gone before that
  raw_call(SYS_setsid);
  for (;;) {
    const uint32_t given = __atomic_load_n(&waiting->given, __ATOMIC_ACQUIRE);
    if (given == waiting->taken) {
      raw_call(SYS_futex, address(&waiting->given), FUTEX_WAIT_PRIVATE, given);
      continue;
    }
    const int fd = waiting->fds[waiting->taken % kPlaces];
    __atomic_store_n(&waiting->taken, waiting->taken + 1, __ATOMIC_RELEASE);
    if (fd == kEnd) break;
    raw_call(SYS_close, fd);
  }
  raw_call(SYS_exit, 0);
  return 0;
}

// REQUIRES: there is room.
void give(Waiting* waiting, int fd) {
  waiting->fds[waiting->given % kPlaces] = fd;
  __atomic_store_n(&waiting->given, waiting->given + 1, __ATOMIC_RELEASE);
  (void)syscall(SYS_futex, &waiting->given, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace

Result<Closer> Closer::start() {
  Mapping memory = TRY(Mapping::anonymous(sizeof(Waiting) + kStack));
  auto* waiting = new (memory.base()) Waiting{};
  waiting->parent = getpid();
  const auto top = reinterpret_cast<uintptr_t>(memory.base() + memory.size()) & ~uintptr_t{15};
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  // No signal when it ends, so that no other wait(2) reports it.
  const int pid = clone(close_all, reinterpret_cast<void*>(top),
                        CLONE_VM | CLONE_FILES | CLONE_PIDFD, waiting, &pidfd);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return fail_os("clone of the closer", error);
  return Closer(Fd(pidfd), std::move(memory));
}

bool Closer::full() const {
  const Waiting* waiting = waiting_in(memory_);
  return waiting->given - __atomic_load_n(&waiting->taken, __ATOMIC_ACQUIRE) >= kMostWaiting;
}

bool Closer::has_waiting() const {
  const Waiting* waiting = waiting_in(memory_);
  return waiting->given != __atomic_load_n(&waiting->taken, __ATOMIC_ACQUIRE);
}

void Closer::close(Fd fd) {
  CHECK(!full());
  give(waiting_in(memory_), fd.release());
}

Closer::~Closer() {
  if (!pidfd_.valid()) return;
  give(waiting_in(memory_), kEnd);
  // Otherwise it ends when the kernel lets it, or with the thread that made it; its memory stays
  // until then.
  (void)jail::reap(std::move(pidfd_), jail::kTimeToGo, std::move(memory_));
}

}  // namespace cordon::supervisor
