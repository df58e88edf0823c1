// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enter(): a worker puts itself into the jail, by the ENTER rows of steps.def in their order. Every
// worker calls it first of all, before it can reach anything of the guest ([J1]).
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

// How far the worker got. `failure` belongs to `broken` and has no meaning without it.
struct Entered {
  LayerSet withheld;                 // layers whose steps failed, as permitted
  const EnterRow* broken = nullptr;  // the step that failed; none follows it
  StepResult failure;
};

// Tries every step, even of layers declared missing: a step is passed over only if it fails and its
// layer is in `missing`. The caller ends the process if a step is broken.
Entered enter(const Settings& settings, LayerSet missing);

}  // namespace cordon::jail
