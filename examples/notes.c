// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keeps notes in a granted directory: what --dir gives, read-only unless it says rw.
//
//     clang-19 --target=wasm32-wasi -O2 examples/notes.c -o notes.wasm
//     cordon --dir ./data::/data::rw notes.wasm add "buy milk"
//     cordon --dir ./data::/data     notes.wasm list
//     cordon --dir ./data::/data     notes.wasm add "refused: read-only"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char kPath[] = "/data/notes.txt";

static int fail(const char* doing) {
  fprintf(stderr, "%s %s: %s\n", doing, kPath, strerror(errno));
  return 1;
}

static int add(const char* note) {
  FILE* file = fopen(kPath, "a");
  if (file == NULL) return fail("opening");
  int written = fprintf(file, "%s\n", note);
  // A full disk shows at the latest when the buffer is written out.
  if (fclose(file) != 0 || written < 0) return fail("writing");
  return 0;
}

static int list(void) {
  FILE* file = fopen(kPath, "r");
  if (file == NULL) return fail("opening");
  char line[256];
  for (int number = 1; fgets(line, sizeof(line), file) != NULL; number++)
    printf("%3d  %s", number, line);
  int failed = ferror(file);
  fclose(file);
  return failed ? fail("reading") : 0;
}

int main(int argc, char** argv) {
  if (argc == 3 && strcmp(argv[1], "add") == 0) return add(argv[2]);
  if (argc == 2 && strcmp(argv[1], "list") == 0) return list();
  fprintf(stderr, "usage: notes add TEXT | notes list\n");
  return 2;
}
