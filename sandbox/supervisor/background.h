// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Work that may block as long as a file system does (opening, reading or writing a file) is done on
// a thread of its own. The supervisor waits for its result in its loop, with a limit: a thread that
// never returns is left alone.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <memory>
#include <optional>

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/supervisor/loop.h"

namespace cordon::supervisor {

// A detached thread with every signal blocked. It owns all that it uses. Failures are the kernel's.
Result<void> start_thread(std::function<void()> body);

// A result that one thread gives and another waits for. Copies share the result.
template <class T>
class Pending {
 public:
  // A result that is not available yet. Fails as eventfd(2) does.
  static Result<Pending> create() {
    Pending pending;
    pending.shared_->given = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!pending.shared_->given.valid()) return fail_os("eventfd", errno);
    return pending;
  }

  // Called once, by the working thread.
  void give(Result<T> result) {
    shared_->result.emplace(std::move(result));
    shared_->finished.store(true, std::memory_order_release);
    const uint64_t one = 1;
    (void)!write(shared_->given.get(), &one, sizeof one);
  }

  // Readable once there is a result.
  int fd() const { return shared_->given.get(); }
  bool finished() const { return shared_->finished.load(std::memory_order_acquire); }
  // The result, once finished().
  Result<T>& result() { return *shared_->result; }

 private:
  struct Shared {
    Fd given;
    std::atomic<bool> finished{false};
    std::optional<Result<T>> result;
  };
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

// Waits for `work`, done by a thread of its own, until `deadline`; nothing if it takes longer or
// the kernel refuses. For work before and after a run's loop.
template <class T>
std::optional<Result<T>> within(const Deadline& deadline, std::function<Result<T>()> work) {
  auto pending = Pending<T>::create();
  if (!pending) return Result<T>(Failure(pending.error()));
  Result<void> started =
      start_thread([given = *pending, work = std::move(work)]() mutable { given.give(work()); });
  if (!started) return Result<T>(Failure(started.error()));
  Loop loop;
  bool late = false;
  loop.at(deadline, [&] { late = true; });
  loop.watch(pending->fd(), [&](short) { loop.forget(pending->fd()); });
  (void)loop.run_until([&] { return late || pending->finished(); });
  if (!pending->finished()) return std::nullopt;
  return std::move(pending->result());
}

}  // namespace cordon::supervisor
