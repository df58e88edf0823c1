// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tiering: decides which functions of an instance are hot, requests their code, verifies what
// comes and gives it to the instance, all between two steps of the guest (engine=auto). Made by
// instantiate() for each instance of a module that was loaded with Config::code_feeds;
// docs/decisions/tiers.md has the model.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/engine/code_feed.h"
#include "core/engine/hot_functions.h"
#include "core/runtime/instance.h"
#include "core/runtime/slice_end.h"
#include "core/verify/verify.h"

namespace cordon::engine {

// What has happened so far. Durations and moments (monotonic_ns) are in nanoseconds.
struct TieringStats {
  uint32_t asked = 0;            // functions that were requested
  uint32_t pieces = 0;           // verified and published
  uint32_t functions = 0;        // with code
  uint64_t code_bytes = 0;       // instructions of these
  uint64_t wasm_bytes = 0;       // bodies of these
  uint64_t verify_ns = 0;        // verifying and publishing
  uint64_t first_asked_ns = 0;   // when the first request was made; 0: never
  uint64_t first_native_ns = 0;  // when the first code was published; 0: never
  bool ended = false;            // the feed has failed: no more code comes
  std::string why_ended = {};
};

// Serves one instance, which keeps it; for the thread that runs that.
class Tiering final : public runtime::SliceEnd {
 public:
  // Reserves room for the code of `module`, which the feed's maker has validated; `fuel`: whether
  // code must charge it.
  static Result<std::shared_ptr<Tiering>> create(
      std::shared_ptr<const wasm::ValidatedModule> module, bool fuel,
      std::unique_ptr<CodeFeed> feed, const Thresholds& thresholds);

  // Gives `instance` the room, a stack for `stack_bytes` of frames, and `self` as its on_slice.
  // Then requests what is hot from the beginning. REQUIRES: its index spaces are complete; once.
  static Result<void> attach(const std::shared_ptr<Tiering>& self, runtime::Instance& instance,
                             size_t stack_bytes);

  // [W3] A piece that is refused ends the run: Trap::host_exit and execution.refused. Code that
  // does not come is no failure.
  Trap slice_ended(runtime::Execution& execution, runtime::Func& func, uint32_t loop,
                   uint64_t fuel) override;

  const TieringStats& stats() const { return stats_; }
  const runtime::CodeSpace& code() const { return *code_; }

 private:
  Tiering(std::shared_ptr<const wasm::ValidatedModule> module, bool fuel,
          std::unique_ptr<CodeFeed> feed, std::shared_ptr<runtime::CodeSpace> code,
          const Thresholds& thresholds);
  void ask_for_hot();
  Result<void> take_pieces();
  Result<void> take(const SealedFile& piece);
  void end_feed(const Diagnostic& why);
  bool is_waiting() const { return waiting_for_ != 0 && !stats_.ended; }

  const std::shared_ptr<const wasm::ValidatedModule> module_;
  const bool fuel_;
  const std::unique_ptr<CodeFeed> feed_;
  const std::shared_ptr<runtime::CodeSpace> code_;
  verify::Verification verification_;
  HotFunctions hot_;
  runtime::Instance* instance_ = nullptr;
  std::vector<bool> is_asked_;  // by body
  uint32_t waiting_for_ = 0;    // bodies that are requested and have no code
  const uint64_t poll_every_;   // fuel
  uint64_t since_poll_ = 0;     // the same
  TieringStats stats_;
};

}  // namespace cordon::engine
