// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What this machine gives a jail, found out by trying. For `cordon doctor`, and before a run in a
// degraded jail.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sandbox/jail/layers.h"

namespace cordon::jail {

// One thing that a jail needs of the kernel. `name` and `what` have static storage.
struct LayerState {
  std::string_view name;
  std::string_view what;  // it gives
  bool available = false;
  bool required = false;  // there is no run without it, degraded or not
  bool optional = false;  // a run without it is a whole one
  std::string why;        // not available, or what is special about it: "unshare CLONE_NEWNET: ..."
};

// The layers of layers.def in their order, then what a jail always needs, then what is taken where
// it can be had.
std::vector<LayerState> probe_layers();

// Those of layers.def that are not available.
LayerSet missing_layers();

}  // namespace cordon::jail
