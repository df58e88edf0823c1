// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The program around a workload: takes the number of rounds, prints the checksum. Compiled natively
// and for WASI.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "workload.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s ROUNDS\n", argc > 0 ? argv[0] : "workload");
    return 2;
  }
  printf("%" PRIu64 "\n", run_workload((uint32_t)strtoul(argv[1], NULL, 10)));
  return 0;
}
