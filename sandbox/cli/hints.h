// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "sandbox/supervisor/run.h"

namespace cordon::cli {

// "; `--fuel` sets the limit, now 1000": what option of the command line the end of a run has to do
// with, from hints.def. Empty if it is none.
std::string hint_for(const supervisor::RunRequest& request, const supervisor::RunReport& report);

}  // namespace cordon::cli
