// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-compile-worker: the process in which a module is compiled. Started by the supervisor
// alone.
#include "sandbox/compile_worker/compile.h"

int main() { cordon::compile_worker::run(); }
