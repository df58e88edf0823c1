// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enter(): a worker puts itself into the jail, by the ENTER rows of steps.def in their order.
// Called first thing by every worker, before anything of the guest is within its reach ([J1]).
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "sandbox/jail/layers.h"
#include "sandbox/jail/steps.h"

namespace cordon::jail {

// One ENTER row of steps.def. Names and texts have static storage.
struct EnterRow {
  std::string_view name;
  std::optional<Layer> layer;  // that the kernel may withhold
  std::string_view what;
  StepResult (*run)(const Settings&);
};
extern const std::array<EnterRow, 16> kEnterRows;

// How far the worker came. `failure` belongs to `broken` and has no meaning without it.
struct Entered {
  LayerSet withheld;                 // layers whose step failed and was allowed to
  const EnterRow* broken = nullptr;  // the step that failed; none follows it
  StepResult failure;
};

// Tries every step, whatever is said to be missing: a step is passed over only if it fails and its
// layer is in `missing`. The caller ends the process if one is broken.
Entered enter(const Settings& settings, LayerSet missing);

}  // namespace cordon::jail
