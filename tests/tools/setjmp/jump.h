// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a libc has for setjmp and longjmp (as wasi-libc does it): the compiler turns them into calls
// of the functions in jump.c, which it must not see while it does so.
#ifndef CORDON_TESTS_TOOLS_SETJMP_JUMP_H_
#define CORDON_TESTS_TOOLS_SETJMP_JUMP_H_

typedef struct {
  void* func_invocation_id;
  unsigned label;
  struct {
    void* env;
    int val;
  } arg;
} jmp_buf[1];
int setjmp(jmp_buf) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf, int);

#endif  // CORDON_TESTS_TOOLS_SETJMP_JUMP_H_
