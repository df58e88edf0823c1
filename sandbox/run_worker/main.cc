// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-run-worker: the process in which a guest runs. Started by the supervisor alone.
#include "sandbox/run_worker/guest.h"

int main() {
  using namespace cordon::run_worker;
  // Called before the jail, which does not allow it.
  if (!size_own_stack() || !prepare_for_traps()) return cordon::worker::kExitNoJob;
  Prologue worker = begin();
  cordon::protocol::Verdict verdict = do_job(worker);
  end(worker.channel, verdict);
}
