// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "setjmp/jump.h"

void __wasm_setjmp(void* env, unsigned label, void* func_invocation_id) {
  jmp_buf* buf = env;
  (*buf)->func_invocation_id = func_invocation_id;
  (*buf)->label = label;
}
unsigned __wasm_setjmp_test(void* env, void* func_invocation_id) {
  jmp_buf* buf = env;
  return (*buf)->func_invocation_id == func_invocation_id ? (*buf)->label : 0;
}
void __wasm_longjmp(void* env, int val) {
  jmp_buf* buf = env;
  (*buf)->arg.env = env;
  (*buf)->arg.val = val == 0 ? 1 : val;
  __builtin_wasm_throw(1, &(*buf)->arg);
}
