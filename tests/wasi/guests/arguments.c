// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints what it was given: each argument and each variable in brackets.
#include <stdio.h>

extern char** environ;

int main(int argc, char** argv) {
  for (int i = 0; i < argc; ++i) printf("arg [%s]\n", argv[i]);
  for (char** variable = environ; *variable != NULL; ++variable) printf("env [%s]\n", *variable);
  return 0;
}
