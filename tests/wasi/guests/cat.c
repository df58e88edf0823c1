// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Copies standard input, or the files named, to standard output.
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int copy(FILE* in) {
  char buffer[5000];
  size_t size;
  while ((size = fread(buffer, 1, sizeof buffer, in)) > 0) fwrite(buffer, 1, size, stdout);
  return ferror(in) || fflush(stdout) != 0;
}

int main(int argc, char** argv) {
  if (argc < 2) return copy(stdin);
  for (int i = 1; i < argc; ++i) {
    FILE* file = fopen(argv[i], "r");
    if (file == NULL) {
      fprintf(stderr, "%s: %s\n", argv[i], strerror(errno));
      return 1;
    }
    int failed = copy(file);
    fclose(file);
    if (failed) return 1;
  }
  return 0;
}
