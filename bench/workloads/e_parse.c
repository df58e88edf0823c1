// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A parser that gives up in the depth of its recursion by longjmp, which is an exception in
// WebAssembly: of sixteen texts half are thrown away, through up to two dozen frames.
#ifdef __wasm__
#include "setjmp/jump.h"
#else
#include <setjmp.h>
#endif
#include <string.h>

#include "workload.h"

enum { kTexts = 16, kLength = 64 };

static jmp_buf failed;
static const char* at;
static char texts[kTexts][kLength];

// expression: term { + term }; term: a digit or ( expression ).
static uint32_t expression(int depth);
static uint32_t term(int depth) {
  if (*at >= '0' && *at <= '9') return (uint32_t)(*at++ - '0');
  if (*at != '(' || depth > 20) longjmp(failed, 1 + depth);
  ++at;
  const uint32_t value = expression(depth + 1);
  if (*at++ != ')') longjmp(failed, 100 + depth);
  return value;
}
static uint32_t expression(int depth) {
  uint32_t value = term(depth);
  while (*at == '+') {
    ++at;
    value = value * 3 + term(depth);
  }
  return value;
}

static uint64_t parse(const char* text) {
  const int why = setjmp(failed);
  if (why != 0) return (uint64_t)why << 32;
  at = text;
  return expression(0);
}

// Depth times "(", a sum, and as many ")"; of every second text one is missing.
static void write_text(char* to, int depth, int is_wrong) {
  memset(to, '(', (size_t)depth);
  memcpy(to + depth, "1+2", 3);
  memset(to + depth + 3, ')', (size_t)(depth - is_wrong));
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t state = 8, sum = 0;
  for (int i = 0; i < kTexts; i++) write_text(texts[i], 1 + (int)(next_random(&state) % 20), i % 2);
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < kTexts; i++) sum = fold(sum, parse(texts[i]));
  }
  return sum;
}
