// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Allocates as many MiB as its first argument says, a MiB at a time, and writes to each page. Says
// how far it came.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char** argv) {
  int wanted = argc > 1 ? atoi(argv[1]) : 0;
  for (int i = 0; i < wanted; ++i) {
    volatile char* block = malloc(1 << 20);
    if (block == NULL) {
      printf("no more after %d\n", i);
      return 3;
    }
    for (int page = 0; page < 1 << 20; page += 4096) block[page] = (char)(i + page);
  }
  printf("%d\n", wanted);
  return 0;
}
