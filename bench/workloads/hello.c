// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The smallest program that prints: what it costs to start an engine. Not a workload; bench/run and
// bench/startup time it by itself.
#include <stdio.h>

int main(void) {
  puts("hello");
  return 0;
}
