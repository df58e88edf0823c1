// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/embed/jit_code_feeds.h"

#include <utility>
#include <vector>

#include "core/jit/baseline/baseline.h"
#include "core/jit/code/on_demand.h"

namespace cordon::embed {
namespace {

class JitCodeFeed final : public engine::CodeFeed {
 public:
  JitCodeFeed(std::shared_ptr<const wasm::ValidatedModule> module,
              const JitCodeFeeds::Options& options, bool fuel)
      : module_(std::move(module)),
        options_(options),
        compiler_(*module_, jit::baseline_tier, {.target = options.target, .fuel = fuel}) {}

  void ask(uint32_t body) override { waiting_.push_back(body); }

  // A function that came with another is there already.
  Result<std::optional<SealedFile>> poll() override {
    while (const std::optional<uint32_t> body = take_request()) {
      const ByteSpan piece = TRY(compiler_.compile(*body, options_.piece_bytes));
      if (piece.empty()) continue;
      return TRY(SealedFile::of_bytes(piece, "code"));
    }
    return std::nullopt;
  }

 private:
  std::optional<uint32_t> take_request() {
    if (waiting_.empty()) return std::nullopt;
    const std::optional<size_t> place =
        options_.schedule != nullptr ? options_.schedule->next(waiting_) : 0;
    if (!place) return std::nullopt;
    const uint32_t body = waiting_[*place];
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(*place));
    return body;
  }

  const std::shared_ptr<const wasm::ValidatedModule> module_;
  const JitCodeFeeds::Options options_;
  jit::OnDemand compiler_;
  std::vector<uint32_t> waiting_;  // bodies, the oldest first
};

}  // namespace

Result<std::unique_ptr<engine::CodeFeed>> JitCodeFeeds::feed(
    std::shared_ptr<const wasm::ValidatedModule> module, bool fuel) {
  return std::make_unique<JitCodeFeed>(std::move(module), options_, fuel);
}

}  // namespace cordon::embed
