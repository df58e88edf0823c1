// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "sandbox/supervisor/run.h"

namespace cordon::cli {

// "; `--fuel` sets the limit, now 1000": the command line's option that concerns the end of a run,
// from hints.def. Empty if there is none.
std::string hint_for(const supervisor::RunRequest& request, const supervisor::RunReport& report);

}  // namespace cordon::cli
