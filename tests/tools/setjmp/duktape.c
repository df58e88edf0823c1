// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs a file of JavaScript in Duktape, for ci/real-programs, and prints what it evaluates to.
#include "duktape.h"

#include <stdio.h>
#include <stdlib.h>
static duk_ret_t print(duk_context* c) {
  puts(duk_safe_to_string(c, 0));
  return 0;
}
int main(int argc, char** argv) {
  if (argc < 2) return 2;
  FILE* f = fopen(argv[1], "rb");
  static char text[65536];
  size_t n = f ? fread(text, 1, sizeof text, f) : 0;
  duk_context* c = duk_create_heap_default();
  duk_push_c_function(c, print, 1);
  duk_put_global_string(c, "print");
  duk_push_lstring(c, text, n);
  int bad = duk_peval(c);
  printf("%d %s\n", bad, duk_safe_to_string(c, -1));
  duk_destroy_heap(c);
  return bad != 0;
}
