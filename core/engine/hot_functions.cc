// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/hot_functions.h"

#include <algorithm>
#include <numeric>

namespace cordon::engine {
namespace {

// A row of levels.def; times are picoseconds.
struct Level {
  uint64_t start, start_per_load, piece, byte, gain;
};

enum class LevelName : uint8_t {
#define LEVEL(name, start, start_per_load, piece, byte, gain) name,
#include "core/engine/levels.def"
};
constexpr Level kLevels[] = {
#define LEVEL(name, start, start_per_load, piece, byte, gain) \
  {start, start_per_load, piece, byte, gain},
#include "core/engine/levels.def"
};
// The level for which functions are requested.
constexpr Level kLevel = kLevels[static_cast<size_t>(LevelName::Warm)];
static_assert(kLevel.gain != 0);

constexpr uint64_t kPerNanosecond = 1000;
constexpr uint64_t kMostLoad = uint64_t{1} << 40;  // nanoseconds; so that nothing overflows

uint64_t start_of(const Thresholds& thresholds) {
  if (thresholds.fuel) return 0;
  const uint64_t load = std::min(thresholds.load_ns, kMostLoad) * kPerNanosecond;
  return (kLevel.start + load * kLevel.start_per_load) / kLevel.gain;
}

}  // namespace

HotFunctions::HotFunctions(const wasm::ValidatedModule& module, const Thresholds& thresholds)
    : module_(module),
      fixed_(thresholds.fuel),
      start_(start_of(thresholds)),
      fuel_(module.funcs().size()),
      is_given_(module.funcs().size()) {
  if (fixed_ != 0) return;
  waiting_.resize(fuel_.size());
  std::iota(waiting_.begin(), waiting_.end(), 0);
}

uint64_t HotFunctions::threshold_of(uint32_t body) const {
  if (fixed_) return *fixed_;
  const uint64_t bytes = module_.funcs()[body].body().code.size;
  return (kLevel.piece + bytes * kLevel.byte) / kLevel.gain;
}

void HotFunctions::note(uint32_t body, uint64_t fuel) {
  const uint64_t before = fuel_[body], threshold = threshold_of(body);
  fuel_[body] += fuel;
  total_ += fuel;
  if (before < threshold && fuel_[body] >= threshold) waiting_.push_back(body);
}

const std::vector<uint32_t>& HotFunctions::take_hot() {
  hot_.clear();
  if (total_ < start_ || waiting_.empty()) return hot_;
  for (const uint32_t body : waiting_) {
    if (!is_given_[body]) hot_.push_back(body);
    is_given_[body] = true;
  }
  waiting_.clear();
  std::ranges::sort(hot_, [&](uint32_t a, uint32_t b) {
    return fuel_[a] != fuel_[b] ? fuel_[a] > fuel_[b] : a < b;
  });
  return hot_;
}

}  // namespace cordon::engine
