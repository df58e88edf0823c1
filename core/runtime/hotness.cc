// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/hotness.h"

#include <algorithm>
#include <limits>
#include <span>

#include "core/runtime/func.h"

namespace cordon::runtime {

namespace {

// A number that is the same in two runs of a guest.
uint64_t number_of(const Func* func, uint32_t loop) {
  const uint64_t index = func->code != nullptr ? func->code->index().value : 0;
  return (index << 32 | loop) * 0x9E37'79B9'7F4A'7C15;
}

}  // namespace

int64_t Hotness::next_slice() {
  if (mean_ == 0) return std::numeric_limits<int64_t>::max();
  random_ = random_ * 6364136223846793005 + 1442695040888963407;  // Knuth's MMIX
  return std::max<int64_t>(1, mean_ / 2 + static_cast<int64_t>(random_ >> 33) % mean_);
}

void Hotness::note(const Func* func, uint32_t loop, uint64_t fuel) {
  if (spots_.empty()) spots_.resize(kPlaces);
  const size_t first = (number_of(func, loop) >> 32) % (kPlaces / kWays) * kWays;
  const std::span<HotSpot> ways = std::span(spots_).subspan(first, kWays);
  const auto found = std::ranges::find_if(
      ways, [&](const HotSpot& spot) { return spot.func == func && spot.loop == loop; });
  if (found != ways.end()) {
    found->fuel += fuel;
  } else {
    *std::ranges::min_element(ways, {}, &HotSpot::fuel) = {func, loop, fuel};
  }
}

std::vector<HotSpot> Hotness::hottest(size_t count) const {
  std::vector<HotSpot> out;
  for (const HotSpot& spot : spots_) {
    if (spot.func != nullptr) out.push_back(spot);
  }
  std::ranges::sort(out, std::ranges::greater{}, &HotSpot::fuel);
  if (out.size() > count) out.resize(count);
  return out;
}

}  // namespace cordon::runtime
