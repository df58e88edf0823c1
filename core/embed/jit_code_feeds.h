// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// JitCodeFeeds: the compiler in the same process as a source of code that comes while the guest
// runs, for embedders, tools, tests and fuzzers: a function is compiled when the engine looks for
// it, on the guest's own thread. `cordon run` does not use it: there the compiler has a process and
// a jail of its own, beside the guest.
#pragma once

#include <span>

#include "core/engine/code_feed.h"
#include "core/jit/code/compile.h"

namespace cordon::embed {

// Which requests are served when: for tests that try other orders than the usual one.
class FeedSchedule {
 public:
  virtual ~FeedSchedule() = default;
  // The engine looks for code, and these bodies were asked for and not served, the oldest first.
  // The place of the one that is served now, or nothing: no code has come yet.
  virtual std::optional<size_t> next(std::span<const uint32_t> waiting) = 0;
};

// Owned by the embedder; outlives the instances that use it.
class JitCodeFeeds final : public engine::CodeFeeds {
 public:
  struct Options {
    abi::Target target = abi::detect_target();
    // About how many bytes of wasm code a piece has: a function and what it calls.
    uint64_t piece_bytes = uint64_t{16} << 10;
    FeedSchedule* schedule = nullptr;  // null: all at once, in the order of the requests
  };
  JitCodeFeeds() = default;
  // Copies the options.
  explicit JitCodeFeeds(const Options& options) : options_(options) {}

  Result<std::unique_ptr<const wasm::ValidatedModule>> validate(wasm::Module module,
                                                                unsigned threads) const override {
    return wasm::validate_module_with_uses(std::move(module), threads);
  }
  Result<std::unique_ptr<engine::CodeFeed>> feed(
      std::shared_ptr<const wasm::ValidatedModule> module, bool fuel) override;

 private:
  Options options_;
};

}  // namespace cordon::embed
