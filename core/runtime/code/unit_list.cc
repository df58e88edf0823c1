// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/code/unit_list.h"

#include <algorithm>

namespace cordon::runtime {
namespace {

// Orders units by address; a pc may be anywhere in a unit.
struct Before {
  bool operator()(const void* pc, const CodeUnit* unit) const { return pc < unit->code().data(); }
};

}  // namespace

const CodeUnit* UnitList::at(const void* pc) const {
  const auto units = all();
  const auto after = std::upper_bound(units.begin(), units.end(), pc, Before());
  if (after == units.begin()) return nullptr;
  const CodeUnit* const unit = *(after - 1);
  return unit->holds(pc) ? unit : nullptr;
}

// Code mostly arrives in the order of its places, and then it is appended.
void UnitList::add(const CodeUnit& unit) {
  const auto units = all();
  const auto after = std::upper_bound(units.begin(), units.end(), unit.code().data(), Before());
  const bool is_last = after == units.end();
  if (is_last && !versions_.empty() && units.size() < versions_.back()->capacity) {
    versions_.back()->units[units.size()] = &unit;
    versions_.back()->size.store(units.size() + 1, std::memory_order_release);
    return;
  }
  constexpr size_t kLeastRoom = 8;
  auto next = std::make_unique<Version>(std::max(kLeastRoom, 2 * units.size()));
  const CodeUnit** to = std::copy(units.begin(), after, next->units.get());
  *to++ = &unit;
  std::copy(after, units.end(), to);
  next->size.store(units.size() + 1, std::memory_order_relaxed);
  newest_.store(next.get(), std::memory_order_release);
  versions_.push_back(std::move(next));
}

}  // namespace cordon::runtime
