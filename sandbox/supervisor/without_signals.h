// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// WithoutSignals: no signal reaches the calling thread during its life; those that come meanwhile
// wait.
#pragma once

#include <signal.h>

namespace cordon::supervisor {

class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace cordon::supervisor
