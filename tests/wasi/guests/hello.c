// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>

int main(void) {
  printf("hello, world\n");
  fprintf(stderr, "and hello, stderr\n");
  return 0;
}
