// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The run worker's job: load the module and, for a run, instantiate it with WASI and call
// it.
#pragma once

#include <optional>

#include "core/engine/code_source.h"
#include "core/engine/config.h"
#include "sandbox/run_worker/prologue.h"

namespace cordon::run_worker {

// [S1] Gives this process the stack of jail::kRunStack, as far as its hard limit allows. Called
// before the runtime reads the stack's bounds.
bool size_own_stack();
// Installs the handler that turns faults of native code into traps ([T1]). Called before the jail,
// whose filters do not allow it.
bool prepare_for_traps();

// The verdict on the job. Installs the guest filter (close_the_jail) before the first instruction
// of the guest, so that decoding and validating run under the set-up filter. Text for the user is
// sent by Output messages.
protocol::Verdict do_job(Prologue& worker);

// Two parts that a worker of the tests shares: the job's limits, and the source of code: the
// compile worker or a file, through the supervisor, which announces it.
engine::Config engine_config(const protocol::Config& job);

// The channel outlives this. What arrives is untrusted: the engine verifies it ([W3]).
class CodeFromSupervisor final : public engine::CodeSource {
 public:
  // `precompiled`: the code is an untrusted file, with a stamp at its end.
  explicit CodeFromSupervisor(protocol::Channel& channel, bool precompiled = false)
      : channel_(channel), precompiled_(precompiled) {}
  Result<void> code_of(const wasm::ValidatedModule& module, bool fuel,
                       engine::CodeSink& sink) override;
  // The next piece alone. No `fuel`: code with and without fuel is accepted.
  Result<SealedFile> receive(const wasm::ValidatedModule& module, std::optional<bool> fuel);

  // Whether it was called: a later failure concerns the code and not the module.
  bool asked() const { return asked_; }
  // The time from which code was available and needed, by CLOCK_MONOTONIC.
  uint64_t there_ns() const { return there_ns_; }

 private:
  protocol::Channel& channel_;
  bool precompiled_;
  bool asked_ = false;
  bool ended_ = false;
  uint64_t there_ns_ = 0;
};

}  // namespace cordon::run_worker
