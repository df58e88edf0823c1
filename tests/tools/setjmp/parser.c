// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A C program with setjmp and longjmp: a parser that gives up in the depth of a recursion, over and
// over. Prints what it prints when it is built for this machine.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __wasm__
#include "setjmp/jump.h"
#else
#include <setjmp.h>
#endif

static jmp_buf failed;
static const char* at;

// expression: term { + term }; term: a digit or ( expression ).
static int expression(int depth);
static int term(int depth) {
  if (depth > 20) longjmp(failed, 3);
  if (*at >= '0' && *at <= '9') return *at++ - '0';
  if (*at != '(') longjmp(failed, 1);
  ++at;
  const int value = expression(depth + 1);
  if (*at++ != ')') longjmp(failed, 2);
  return value;
}
static int expression(int depth) {
  int value = term(depth);
  while (*at == '+') {
    ++at;
    value += term(depth);
  }
  return value;
}

static int parse(const char* text, int* value) {
  volatile int tries = 0;
  const int why = setjmp(failed);
  ++tries;
  if (why != 0) return why * 10 + tries;
  at = text;
  *value = expression(0);
  return 0;
}

int main(void) {
  static const char* const texts[] = {
      "1+2+3", "(1+(2+3))+4", "1+", "(1+2", "((((((((((((((((((((((((1", "+", "9"};
  for (unsigned i = 0; i < sizeof texts / sizeof *texts; ++i) {
    int value = 0;
    const int why = parse(texts[i], &value);
    printf("%s: %d %d\n", texts[i], why, value);
  }
  unsigned long sum = 0;
  for (int i = 0; i < 20000; ++i) {
    int value = 0;
    sum = sum * 31 + (unsigned)parse(texts[i % 7], &value) + (unsigned)value;
  }
  printf("%lu\n", sum & 0xffffffff);
  return 0;
}
