// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/background.h"

#include <pthread.h>
#include <signal.h>

namespace cordon::supervisor {
namespace {

using Body = std::function<void()>;

void* run_body(void* argument) {
  const std::unique_ptr<Body> body(static_cast<Body*>(argument));
  (*body)();
  return nullptr;
}

}  // namespace

// Not std::thread, which throws if the kernel refuses.
Result<void> start_thread(Body body) {
  auto owned = std::make_unique<Body>(std::move(body));
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = pthread_create(&thread, nullptr, run_body, owned.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) return fail_os("pthread_create", error);
  (void)owned.release();
  pthread_detach(thread);
  return {};
}

}  // namespace cordon::supervisor
