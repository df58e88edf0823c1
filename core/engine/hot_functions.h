// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// HotFunctions: which functions of a module are worth native code, by samples of fuel and the
// break-even of levels.def: a function is, once it has lost as much time as its code would cost.
// However a guest goes on, it then takes at most twice the time of the best choice (the "ski
// rental" argument: Karlin, Manasse, Rudolph, Sleator, "Competitive snoopy caching", 1988).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/wasm/validated.h"

namespace cordon::engine {

// When a function is requested. The default is the model of levels.def.
struct Thresholds {
  // If set, a function is requested when this much fuel has been sampled in it, whatever its size,
  // and the first one as any other; 0: all functions at once, before the guest's first step.
  std::optional<uint64_t> fuel = {};
  // Mean length of the slices of fuel that are sampled (runtime/hotness.h); none: the usual one.
  std::optional<int64_t> slice = {};
  // What this run has paid for decoding and validating the module, which another process does
  // again: nanoseconds.
  uint64_t load_ns = 0;
};

class HotFunctions {
 public:
  // `module` outlives this.
  HotFunctions(const wasm::ValidatedModule& module, const Thresholds& thresholds);

  // A slice with this fuel ended in that body.
  void note(uint32_t body, uint64_t fuel);
  // Functions that are to be requested, the hottest first; each is given once.
  const std::vector<uint32_t>& take_hot();
  // `body` has code: it is no longer given.
  void forget(uint32_t body) { is_given_[body] = true; }

 private:
  uint64_t threshold_of(uint32_t body) const;

  const wasm::ValidatedModule& module_;
  const std::optional<uint64_t> fixed_;
  uint64_t start_;              // fuel before the first request
  uint64_t total_ = 0;          // fuel so far
  std::vector<uint64_t> fuel_;  // of each body
  std::vector<bool> is_given_;
  std::vector<uint32_t> waiting_;  // hot bodies, until start_
  std::vector<uint32_t> hot_;
};

}  // namespace cordon::engine
