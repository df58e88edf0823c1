// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Naked functions: each is exactly the assembly that stands in it. r14 is the context wherever
// guest code ran last; what a C++ function must preserve (rbx, rbp, r12 to r15) is saved by
// cordon_enter_native for the whole stay.
#include "core/runtime/x64/trampolines.h"

#if defined(__x86_64__)

#include <cstddef>

#define NAKED __attribute__((naked, used, noinline))
#define CONTEXT_OFFSETS                                       \
  [memory_base] "i"(offsetof(abi::VmContext, memory_base)),   \
      [exit_stack] "i"(offsetof(abi::VmContext, exit_stack)), \
      [guest_stack] "i"(offsetof(abi::VmContext, guest_stack))

namespace cordon::runtime::x64 {

static_assert(offsetof(CallRegisters, floats) == 48 && offsetof(CallRegisters, int_result) == 112 &&
              sizeof(CallRegisters) == 128);

extern "C" {

// The host's rsp is kept in the context, on a multiple of 16, with the registers' address on top.
// Registers that carry no argument are cleared: the guest gets no address of the host.
NAKED uint64_t cordon_enter_native(abi::VmContext*, const void*, CallRegisters*, uint64_t*) {
  asm volatile(
      "pushq %%rbp\n pushq %%rbx\n pushq %%r12\n pushq %%r13\n pushq %%r14\n pushq %%r15\n"
      "pushq %%rdx\n"
      "movq %%rdi, %%r14\n"
      "movq %c[memory_base](%%r14), %%r15\n"
      "movq %%rsp, %c[exit_stack](%%r14)\n"
      "movq %%rcx, %%rsp\n"
      "movq %%rsi, %%r11\n"
      "movq 48(%%rdx), %%xmm2\n movq 56(%%rdx), %%xmm3\n movq 64(%%rdx), %%xmm4\n"
      "movq 72(%%rdx), %%xmm5\n movq 80(%%rdx), %%xmm6\n movq 88(%%rdx), %%xmm7\n"
      "movq 96(%%rdx), %%xmm8\n movq 104(%%rdx), %%xmm9\n"
      "movq (%%rdx), %%rsi\n movq 8(%%rdx), %%rdi\n movq 16(%%rdx), %%rbx\n"
      "movq 24(%%rdx), %%rbp\n movq 32(%%rdx), %%r8\n movq 40(%%rdx), %%r9\n"
      "xorl %%eax, %%eax\n xorl %%ecx, %%ecx\n xorl %%edx, %%edx\n xorl %%r10d, %%r10d\n"
      "xorl %%r12d, %%r12d\n xorl %%r13d, %%r13d\n"
      "call *%%r11\n"
      "movq %c[exit_stack](%%r14), %%rsp\n"
      "popq %%rdx\n"
      "movq %%rax, 112(%%rdx)\n movq %%xmm0, 120(%%rdx)\n"
      "popq %%r15\n popq %%r14\n popq %%r13\n popq %%r12\n popq %%rbx\n popq %%rbp\n"
      "xorl %%eax, %%eax\n"
      "ret\n" ::CONTEXT_OFFSETS);
}

NAKED void cordon_leave_by_trap() {
  asm volatile(
      "movq %c[exit_stack](%%r14), %%rsp\n"
      "popq %%rdx\n"
      "popq %%r15\n popq %%r14\n popq %%r13\n popq %%r12\n popq %%rbx\n popq %%rbp\n"
      "movl $1, %%eax\n"
      "cld\n"
      "ret\n" ::CONTEXT_OFFSETS);
}

// rax: the builtin's function. Its arguments stand where C++ wants its second to fifth already.
NAKED void cordon_call_builtin() {
  asm volatile(
      "movq %%rsp, %c[guest_stack](%%r14)\n"
      "movq %%rsp, %%rbp\n"
      "movq %c[exit_stack](%%r14), %%rsp\n"
      "movq %%r14, %%rdi\n"
      "call *%%rax\n"
      "testq %%rdx, %%rdx\n"
      "jnz cordon_leave_by_trap\n"
      "movq %%rbp, %%rsp\n"
      "ret\n" ::CONTEXT_OFFSETS);
}

// Keeps the argument registers for C++, which takes the callee's arguments from them by its type.
NAKED void cordon_thunk_call_foreign() {
  asm volatile(
      "movq %%rsp, %c[guest_stack](%%r14)\n"
      "movq %%rsp, %%r10\n"
      "movq %c[exit_stack](%%r14), %%rsp\n"
      "subq $128, %%rsp\n"
      "movq %%rsi, (%%rsp)\n movq %%rdi, 8(%%rsp)\n movq %%rbx, 16(%%rsp)\n"
      "movq %%rbp, 24(%%rsp)\n movq %%r8, 32(%%rsp)\n movq %%r9, 40(%%rsp)\n"
      "movq %%xmm2, 48(%%rsp)\n movq %%xmm3, 56(%%rsp)\n movq %%xmm4, 64(%%rsp)\n"
      "movq %%xmm5, 72(%%rsp)\n movq %%xmm6, 80(%%rsp)\n movq %%xmm7, 88(%%rsp)\n"
      "movq %%xmm8, 96(%%rsp)\n movq %%xmm9, 104(%%rsp)\n"
      "movq %%r10, %%rbp\n"
      "movq %%r14, %%rdi\n movq %%r11, %%rsi\n movq %%rsp, %%rdx\n leaq 8(%%r10), %%rcx\n"
      "call cordon_call_foreign\n"
      "testq %%rdx, %%rdx\n"
      "jnz cordon_leave_by_trap\n"
      "movq %%rax, %%xmm0\n"
      "movq %%rbp, %%rsp\n"
      "ret\n" ::CONTEXT_OFFSETS);
}

#define BUILTIN(name, signature)                                                                \
  BuiltinResult cordon_builtin_##name(abi::VmContext*, uint64_t, uint64_t, uint64_t, uint64_t); \
  NAKED void cordon_thunk_of_##name() {                                                         \
    asm volatile("leaq cordon_builtin_" #name                                                   \
                 "(%rip), %rax\n"                                                               \
                 "jmp cordon_call_builtin\n");                                                  \
  }
#include "core/abi/builtins.def"

}  // extern "C"

const void* thunk(abi::Builtin builtin) {
  if (builtin == abi::Builtin::call_foreign) {
    return reinterpret_cast<const void*>(&cordon_thunk_call_foreign);
  }
  switch (builtin) {
#define BUILTIN(name, signature) \
  case abi::Builtin::name: return reinterpret_cast<const void*>(&cordon_thunk_of_##name);
#include "core/abi/builtins.def"
  }
  return nullptr;
}

}  // namespace cordon::runtime::x64

#endif
