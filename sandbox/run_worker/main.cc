// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-run-worker: the process in which a guest runs. Started by the supervisor alone.
#include "core/runtime/trap_handler.h"
#include "sandbox/protocol/exit_status.h"
#include "sandbox/run_worker/guest.h"

int main() {
  using namespace cordon::run_worker;
  using cordon::runtime::OtherFaults;
  static_assert(cordon::runtime::kEscapeStatus == cordon::protocol::kExitEscape);
#ifdef CORDON_SANITIZED
  constexpr OtherFaults kOthers = OtherFaults::PassOn;  // the sanitizer reports them
#else
  constexpr OtherFaults kOthers = OtherFaults::End;
#endif
  // Before the jail, which has no room for it.
  if (!cordon::runtime::install_trap_handler(kOthers)) return cordon::worker::kExitNoJob;
  if (!cordon::runtime::prepare_thread_for_traps()) return cordon::worker::kExitNoJob;
  Prologue worker = begin();
  cordon::protocol::Verdict verdict = do_job(worker);
  end(worker.channel, verdict);
}
