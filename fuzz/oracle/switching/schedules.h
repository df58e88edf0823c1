// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compares a module by several schedules of code that comes while it runs (tests/kit/growth.h) with
// the interpreter. Used by the fuzz target `switching`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace cordon::fuzz {

// The module with the schedule in it that shows the difference, and what differs.
struct ScheduledDifference {
  std::vector<uint8_t> module;
  std::string what;
};

// The first difference by `count` schedules, which follow from the module's own.
std::optional<ScheduledDifference> compare_schedules(const std::vector<uint8_t>& module,
                                                     uint32_t count);

}  // namespace cordon::fuzz
