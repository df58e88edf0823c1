// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-trace-worker: the process that finds the source lines of a trap. Started by the supervisor
// alone.
#include "sandbox/trace_worker/trace.h"

int main() { cordon::trace_worker::run(); }
