// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The first program to run in Cordon: greets its arguments, and prints what it sees of the system
// around it.
//
//     clang-19 --target=wasm32-wasi -O2 examples/hello.c -o hello.wasm
//     cordon hello.wasm world
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void try_to_open(const char* path) {
  FILE* file = fopen(path, "r");
  if (file == NULL) {
    printf("  %-12s %s\n", path, strerror(errno));
    return;
  }
  printf("  %-12s open\n", path);
  fclose(file);
}

int main(int argc, char** argv) {
  for (int i = 1; i < argc; i++) printf("Hello, %s!\n", argv[i]);
  if (argc < 2) puts("Hello!");
  puts("What I can open:");
  try_to_open("/etc/passwd");
  try_to_open("/proc/self/maps");
  try_to_open("../README.md");
  return 0;
}
