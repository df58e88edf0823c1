// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Work that may block for as long as a file system likes (opening, reading or writing a file of
// somebody's) is done on a thread of its own. The supervisor waits for what it gives in its loop,
// and no longer than it wants to: a thread that never comes back is left alone.
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

// A detached thread with every signal blocked. It owns all that it uses. A failure is the kernel's.
Result<void> start_thread(std::function<void()> body);

// A result that one thread gives and another waits for. Copies are of one and the same.
template <class T>
class Pending {
 public:
  // A result that is not there yet. Fails as eventfd(2) does.
  static Result<Pending> create() {
    Pending pending;
    pending.shared_->given = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!pending.shared_->given.valid()) return fail_os("eventfd", errno);
    return pending;
  }

  // Once, by the thread that works.
  void give(Result<T> result) {
    shared_->result.emplace(std::move(result));
    shared_->finished.store(true, std::memory_order_release);
    const uint64_t one = 1;
    (void)!write(shared_->given.get(), &one, sizeof one);
  }

  // Readable once there is a result.
  int fd() const { return shared_->given.get(); }
  bool finished() const { return shared_->finished.load(std::memory_order_acquire); }
  // What was given, once finished().
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
// the kernel refuses. For what comes before and after a run's loop.
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
