// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Recurses as deep as its first argument says; forever for 0.
#include <stdio.h>
#include <stdlib.h>

static __attribute__((noinline)) unsigned depth(unsigned left, unsigned salt) {
  if (left == 1) return salt;
  return (depth(left - 1, salt * 31 + left) * 3) ^ left;  // no compiler makes a loop of it
}

int main(int argc, char** argv) {
  unsigned levels = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
  printf("%u\n", depth(levels, 7) != 1 ? levels : 1);
  return 0;
}
