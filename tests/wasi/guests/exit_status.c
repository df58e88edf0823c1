// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ends in the way of its first argument.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void at_exit(void) { puts("at exit"); }

static volatile int zero = 0;

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  printf("%s\n", argv[1]);
  fflush(stdout);
  atexit(at_exit);
  if (strcmp(argv[1], "exit") == 0) exit(atoi(argv[2]));
  if (strcmp(argv[1], "return") == 0) return atoi(argv[2]);
  if (strcmp(argv[1], "_Exit") == 0) _Exit(atoi(argv[2]));
  if (strcmp(argv[1], "abort") == 0) abort();
  if (strcmp(argv[1], "divide") == 0) return (argc + 1000) / zero;
  if (strcmp(argv[1], "outside") == 0) return *(volatile int*)0xfffffff0u;
  return 2;
}
