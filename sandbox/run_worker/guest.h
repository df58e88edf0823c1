// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a run worker does with its job: load the module and, for a run, instantiate it with WASI and
// call it.
#pragma once

#include "core/engine/code_source.h"
#include "core/engine/config.h"
#include "sandbox/run_worker/prologue.h"

namespace cordon::run_worker {

// Installs the handler that makes traps of faults in native code ([T1]). Called first: the jail's
// filters have no room for it.
bool prepare_for_traps();

// The verdict on the job. Puts on the guest filter (close_the_jail) before the first instruction of
// the guest, so that decoding and validating still stand under the set-up filter. Text for the user
// goes out by Output messages.
protocol::Verdict do_job(Prologue& worker);

// The two parts of it that a worker of the tests shares: the job's limits, and the compile worker,
// by way of the supervisor, which sends the code unasked.
engine::Config engine_config(const protocol::Config& job);

class CodeFromSupervisor final : public engine::CodeSource {
 public:
  explicit CodeFromSupervisor(protocol::Channel& channel) : channel_(channel) {}
  Result<SealedFile> code_of(const wasm::ValidatedModule& module, bool fuel) override;

 private:
  protocol::Channel& channel_;
};

}  // namespace cordon::run_worker
