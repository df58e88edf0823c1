// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Background: work that may block for as long as a file system likes (opening, reading or writing a
// file of somebody's), on a thread of its own. The supervisor waits for it in its loop, and no
// longer than it wants to: a thread that never comes back is left alone and keeps what it works on.
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

namespace cordon::supervisor {

// A detached thread with every signal blocked. A failure is the kernel's.
Result<void> start_thread(std::function<void()> body);

template <class T>
class Background {
 public:
  // `work` owns all that it uses. Signals are for the other threads.
  static Result<Background> start(std::function<Result<T>()> work) {
    auto shared = std::make_shared<Shared>();
    shared->done = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!shared->done.valid()) return fail_os("eventfd", errno);
    TRY_VOID(start_thread([shared, work = std::move(work)] {
      shared->result.emplace(work());
      shared->finished.store(true, std::memory_order_release);
      const uint64_t one = 1;
      (void)!write(shared->done.get(), &one, sizeof one);
    }));
    return Background(std::move(shared));
  }

  // Readable once there is a result.
  int fd() const { return shared_->done.get(); }
  bool finished() const { return shared_->finished.load(std::memory_order_acquire); }
  // What the work gave, once finished().
  Result<T>& result() { return *shared_->result; }

 private:
  struct Shared {
    Fd done;
    std::atomic<bool> finished{false};
    std::optional<Result<T>> result;
  };
  explicit Background(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  std::shared_ptr<Shared> shared_;
};

}  // namespace cordon::supervisor
