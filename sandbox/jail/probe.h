// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parts of a jail that this machine supports, found out by trying. For `cordon doctor`, and
// before a run in a degraded jail.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sandbox/jail/layers.h"

namespace cordon::jail {

// One requirement of a jail on the kernel. `name` and `what` have static storage.
struct LayerState {
  std::string_view name;
  std::string_view what;  // it gives
  bool available = false;
  bool required = false;  // no run without it, degraded or not
  bool optional = false;  // a run without it is a whole one
  std::string why;        // not available, or what is special: "unshare CLONE_NEWNET: ..."
};

// The layers of layers.def in their order, then what a jail always needs, then what is used if it
// is available.
std::vector<LayerState> probe_layers();

// Those of layers.def that are not available.
LayerSet missing_layers();

}  // namespace cordon::jail
