// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// precompile(): one module, one jailed compile worker, and the code that it made, for a file.
// Called by the command line. As in run(), no byte of module or code is read here ([P1]), and no
// process remains.
#pragma once

#include "core/base/os/fd.h"
#include "sandbox/supervisor/run.h"

namespace cordon::supervisor {

// How the compile worker ended, and the code.
struct Precompiled {
  RunReport report;  // RunEnd::Exited: there is code
  Fd code;           // a sealed memfd, or none
};

// Reads these fields of the request: module, compiler, fuel (whether limited), timeout and jail.
Precompiled precompile(const RunRequest& request);

}  // namespace cordon::supervisor
