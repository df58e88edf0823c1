// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Growth: how modules get code while they run (Engine::Auto) in tests and fuzzers: what is
// requested at once or later, and what comes at once, late, in another order, or never. A number
// says it all. A program that includes this links cordon_core_embed.
#pragma once

#include "core/embed/jit_code_feeds.h"
#include "core/engine/config.h"

namespace cordon::testing {

// The same seed, the same choices. Multiples of 4 serve each request at once, others sooner or
// later or never.
class RandomSchedule final : public embed::FeedSchedule {
 public:
  explicit RandomSchedule(uint64_t seed) : is_eager_(seed % 4 == 0), random_(seed) {}

  std::optional<size_t> next(std::span<const uint32_t> waiting) override {
    if (is_eager_) return 0;
    if (draw(patience_) != 0) return std::nullopt;
    const size_t place = draw(static_cast<uint32_t>(waiting.size()));
    const bool is_lost = (waiting[place] * 0x9e37'79b9U + lost_) >> 28 == 0;
    return is_lost ? std::nullopt : std::optional(place);
  }

 private:
  // Below `limit`, which is not 0.
  uint32_t draw(uint32_t limit) {
    random_ = random_ * 6364136223846793005 + 1442695040888963407;
    return static_cast<uint32_t>(random_ >> 33) % limit;
  }

  const bool is_eager_;
  uint64_t random_;
  const uint32_t patience_ = 1 + draw(1 + draw(8));
  const uint32_t lost_ = draw(1U << 31);  // which bodies never come: one of 16
};

// Outlives the loads by the configurations that it fills in, and their instances.
class Growth {
 public:
  explicit Growth(uint64_t seed, const abi::Target& target = abi::detect_target())
      : seed_(seed),
        schedule_(seed),
        feeds_({.target = target,
                .piece_bytes = seed % 5 < 3 ? seed % 3 * 100 : UINT64_MAX,
                .schedule = &schedule_}) {}

  // For Engine::Auto: thresholds of all kinds, slices so short that tests have many.
  void fill(engine::Config& config) {
    config.code_feeds = &feeds_;
    constexpr uint64_t kThresholds[] = {0, 1, 30, 1000};
    constexpr int64_t kSlices[] = {1, 7, 60};
    config.thresholds = {.fuel = kThresholds[seed_ / 4 % 4], .slice = kSlices[seed_ % 3]};
  }

 private:
  const uint64_t seed_;
  RandomSchedule schedule_;
  embed::JitCodeFeeds feeds_;
};

}  // namespace cordon::testing
