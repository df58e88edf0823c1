// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a run worker does with its job: load the module and, for a run, instantiate it with WASI and
// call it.
#pragma once

#include <optional>

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

// The two parts of it that a worker of the tests shares: the job's limits, and where code comes
// from: the compile worker or a file, by way of the supervisor, which sends it unasked.
engine::Config engine_config(const protocol::Config& job);

// The channel outlives this. What arrives is trusted with nothing: the engine verifies it ([W3]).
class CodeFromSupervisor final : public engine::CodeSource {
 public:
  // `precompiled`: what comes is a file of anybody's, with a stamp at its end.
  explicit CodeFromSupervisor(protocol::Channel& channel, bool precompiled = false)
      : channel_(channel), precompiled_(precompiled) {}
  Result<void> code_of(const wasm::ValidatedModule& module, bool fuel,
                       engine::CodeSink& sink) override;
  // The next piece alone. No `fuel`: either rule for it will do.
  Result<SealedFile> receive(const wasm::ValidatedModule& module, std::optional<bool> fuel);

  // Whether it was called: what fails from then on is about the code and not about the module.
  bool asked() const { return asked_; }
  // Since when it was there and wanted, by CLOCK_MONOTONIC.
  uint64_t there_ns() const { return there_ns_; }

 private:
  protocol::Channel& channel_;
  bool precompiled_;
  bool asked_ = false;
  bool ended_ = false;
  uint64_t there_ns_ = 0;
};

}  // namespace cordon::run_worker
