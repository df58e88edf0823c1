// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/switching/schedules.h"

#include "fuzz/oracle/observe.h"
#include "fuzz/oracle/run_options.h"

namespace cordon::fuzz {

std::optional<ScheduledDifference> compare_schedules(const std::vector<uint8_t>& module,
                                                     uint32_t count) {
  const Observation expected = observe(engine::Engine::Interp, module);
  if (!expected.refused.empty()) return ScheduledDifference{module, expected.refused};
  RunOptions options = options_of_bytes(module);
  for (uint32_t i = 0; i < count; ++i) {
    options.schedule = options.schedule * 5 + 1;
    std::vector<uint8_t> scheduled = with_options(module, options);
    auto difference = first_difference(expected, observe(engine::Engine::Auto, scheduled));
    if (difference) return ScheduledDifference{std::move(scheduled), *std::move(difference)};
  }
  return std::nullopt;
}

}  // namespace cordon::fuzz
