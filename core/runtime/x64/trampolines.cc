// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Naked functions: each is exactly its assembly. r14 is the context wherever guest code ran last;
// cordon_enter_native saves, for the whole stay, what a C++ function must preserve (rbx, rbp, r12
// to r15).
//
// The directives for unwinding lead a debugger over the change of stacks. Functions that change it
// are "signal frames", or GDB takes a caller with a lower stack than its callee for corrupt.
#include "core/runtime/trampolines.h"

#include <cstddef>

#define NAKED __attribute__((naked, used, noinline))
#define CONTEXT_OFFSETS                                         \
  [memory_base] "i"(offsetof(abi::VmContext, memory_base)),     \
      [exit_stack] "i"(offsetof(abi::VmContext, exit_stack)),   \
      [guest_stack] "i"(offsetof(abi::VmContext, guest_stack)), \
      [funcs] "i"(offsetof(abi::VmContext, funcs)),             \
      [func_count] "i"(offsetof(abi::VmContext, func_count)),   \
      [func_entry] "i"(offsetof(abi::FuncView, entry)),         \
      [func_context] "i"(offsetof(abi::FuncView, context))

// The canonical frame address (DWARF 5, §6.4) of cordon_enter_native, which pushes 64 bytes of the
// host's stack and leaves its rsp in the context's exit_stack. As stack programs (§2.5): as it is
// there, or while the guest's stack is in use, where the frame on top has rsp for area.
#define CFA_OF_EXIT_STACK                                 \
  ".cfi_escape 0x0f, 5"          /* CFA is, in 5 bytes */ \
  ", 0x7e, %c[exit_stack], 0x06" /* [r14 + exit_stack] */ \
  ", 0x23, 64\n"                 /* + 64               */
#define CFA_OF_ENTRY_WITH_AREA                                   \
  ".cfi_escape 0x0f, 28"               /* CFA is, in 28 bytes */ \
  ", 0x7e, %c[exit_stack], 0x06"       /* [r14 + exit_stack] */  \
  ", 0x12, 0x06"                       /* 3: its EntryFrame */   \
  ", 0x12, 0x08, %c[area], 0x22, 0x06" /* its area */            \
  ", 0x77, 0, 0x29, 0x28, 9, 0"        /* is rsp? to 25 */       \
  ", 0x08, %c[outer_exit], 0x22, 0x06" /* outer_exit_stack */    \
  ", 0x16, 0x13, 0x2f, 0xea, 0xff"     /* instead; back to 3 */  \
  ", 0x13, 0x23, 64\n"                 /* 25: exit_stack + 64 */
#define SAVED_BY_ENTRY                                                         \
  ".cfi_offset %%rbp, -16\n .cfi_offset %%rbx, -24\n .cfi_offset %%r12, -32\n" \
  ".cfi_offset %%r13, -40\n .cfi_offset %%r14, -48\n .cfi_offset %%r15, -56\n"
#define PUSHED(reg) "pushq %%" reg "\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset %%" reg ", 0\n"
#define PUSH_SAVED \
  PUSHED("rbp") PUSHED("rbx") PUSHED("r12") PUSHED("r13") PUSHED("r14") PUSHED("r15")
#define POPPED(reg) "popq %%" reg "\n .cfi_adjust_cfa_offset -8\n .cfi_restore %%" reg "\n"
#define POP_SAVED \
  POPPED("r15") POPPED("r14") POPPED("r13") POPPED("r12") POPPED("rbx") POPPED("rbp")

// [R2] The guest must not see what the host leaves in registers. The last of these sets the flags,
// to the same each time.
#define CLEAR_XMM(n) "xorps %%xmm" #n ", %%xmm" #n "\n"
#define CLEAR_XMM_1_10_TO_15 \
  CLEAR_XMM(1) CLEAR_XMM(10) CLEAR_XMM(11) CLEAR_XMM(12) CLEAR_XMM(13) CLEAR_XMM(14) CLEAR_XMM(15)
#define CLEAR_XMM_1_TO_15 \
  CLEAR_XMM(2)            \
  CLEAR_XMM(3)            \
  CLEAR_XMM(4) CLEAR_XMM(5) CLEAR_XMM(6) CLEAR_XMM(7) CLEAR_XMM(8) CLEAR_XMM(9) CLEAR_XMM_1_10_TO_15
// The registers that C++ may have changed, except rax, rdx. rbx, r12, r13 are the guest's own.
#define CLEAR_VOLATILE                                                                  \
  CLEAR_XMM_1_TO_15                                                                     \
  "xorl %%ecx, %%ecx\n xorl %%esi, %%esi\n xorl %%edi, %%edi\n xorl %%ebp, %%ebp\n"     \
  "xorl %%r8d, %%r8d\n xorl %%r9d, %%r9d\n xorl %%r10d, %%r10d\n xorl %%r11d, %%r11d\n" \
  "xorl %%edx, %%edx\n"

namespace cordon::runtime {

static_assert(offsetof(CallRegisters, floats) == 48 && offsetof(CallRegisters, int_result) == 112 &&
              sizeof(CallRegisters) == 128);
// The bytes above rely on these: one signed LEB128 byte, one unsigned.
static_assert(offsetof(abi::VmContext, exit_stack) < 64 && sizeof(EntryFrame) <= 256);

extern "C" {

// The host's rsp is kept in the context, at a multiple of 16, with the registers' address on top.
// Registers without an argument are cleared, except r11, which has the address of the code that is
// entered.
NAKED uint64_t cordon_enter_native(abi::VmContext*, const void*, EntryFrame*, uint64_t*) {
  asm volatile(
      ".cfi_signal_frame\n"
      "" PUSH_SAVED
      "pushq %%rdx\n .cfi_adjust_cfa_offset 8\n"
      "movq %%rdi, %%r14\n"
      "movq %c[memory_base](%%r14), %%r15\n"
      "movq %%rsp, %c[exit_stack](%%r14)\n"
      "movq %%rcx, %%rsp\n" CFA_OF_ENTRY_WITH_AREA
      "movq %%rsi, %%r11\n"
      "movq 48(%%rdx), %%xmm2\n movq 56(%%rdx), %%xmm3\n movq 64(%%rdx), %%xmm4\n"
      "movq 72(%%rdx), %%xmm5\n movq 80(%%rdx), %%xmm6\n movq 88(%%rdx), %%xmm7\n"
      "movq 96(%%rdx), %%xmm8\n movq 104(%%rdx), %%xmm9\n"
      "movq (%%rdx), %%rsi\n movq 8(%%rdx), %%rdi\n movq 16(%%rdx), %%rbx\n"
      "movq 24(%%rdx), %%rbp\n movq 32(%%rdx), %%r8\n movq 40(%%rdx), %%r9\n"
      "xorl %%eax, %%eax\n xorl %%ecx, %%ecx\n xorl %%edx, %%edx\n xorl %%r10d, %%r10d\n"
      "xorl %%r12d, %%r12d\n xorl %%r13d, %%r13d\n" CLEAR_XMM(0) CLEAR_XMM_1_10_TO_15
      "call *%%r11\n"
      "movq %c[exit_stack](%%r14), %%rsp\n .cfi_def_cfa %%rsp, 64\n"
      "popq %%rdx\n .cfi_adjust_cfa_offset -8\n"
      "movq %%rax, 112(%%rdx)\n movq %%xmm0, 120(%%rdx)\n" POP_SAVED
      "xorl %%eax, %%eax\n"
      "ret\n" ::CONTEXT_OFFSETS,
      [area] "i"(offsetof(EntryFrame, area)),
      [outer_exit] "i"(offsetof(EntryFrame, outer_exit_stack)));
}

NAKED void cordon_leave_by_trap() {
  asm volatile(
      ".cfi_signal_frame\n"
      "" CFA_OF_EXIT_STACK SAVED_BY_ENTRY
      "movq %c[exit_stack](%%r14), %%rsp\n .cfi_def_cfa %%rsp, 64\n"
      "popq %%rdx\n .cfi_adjust_cfa_offset -8\n" POP_SAVED
      "movl $1, %%eax\n"
      "cld\n"
      "ret\n" ::CONTEXT_OFFSETS);
}

// rdx says how the guest goes on: it does not come back from the builtin. rax is the handler's
// place if there is one; it finds its frame and nothing in registers ([R2]), but its own address.
NAKED void cordon_leave_builtin() {
  asm volatile(
      ".cfi_signal_frame\n"
      "" CFA_OF_EXIT_STACK SAVED_BY_ENTRY
      "cmpq %[to_handler], %%rdx\n"
      "jne cordon_leave_by_trap\n"
      "movq %c[guest_stack](%%r14), %%rsp\n" CFA_OF_ENTRY_WITH_AREA
      "pushq %%rax\n"
      "xorl %%eax, %%eax\n xorl %%ebx, %%ebx\n xorl %%r12d, %%r12d\n"
      "xorl %%r13d, %%r13d\n" CLEAR_XMM(0) CLEAR_VOLATILE "ret\n" ::CONTEXT_OFFSETS,
      [area] "i"(offsetof(EntryFrame, area)),
      [outer_exit] "i"(offsetof(EntryFrame, outer_exit_stack)), [to_handler] "i"(kToHandler));
}

// rax: the builtin's function. Its arguments are in C++'s second to sixth registers already.
NAKED void cordon_call_builtin() {
  asm volatile(
      ".cfi_signal_frame\n"
      "movq %%rsp, %c[guest_stack](%%r14)\n"
      "movq %%rsp, %%rbp\n .cfi_def_cfa %%rbp, 8\n .cfi_undefined %%rbp\n"
      "movq %c[exit_stack](%%r14), %%rsp\n"
      "movq %%r14, %%rdi\n"
      "call *%%rax\n"
      "testq %%rdx, %%rdx\n"
      "jnz cordon_leave_builtin\n"
      "movq %%rbp, %%rsp\n .cfi_def_cfa %%rsp, 8\n" CLEAR_XMM(0) CLEAR_VOLATILE
      "ret\n" ::CONTEXT_OFFSETS);
}

// [B1] If function r11 is in range and has native code of this very instance, that takes over, with
// registers and stack as they are, and returns to the guest. [R2] It finds its own address in r10.
#define TO_NATIVE_FUNC                    \
  "movl %c[func_count](%%r14), %%r10d\n"  \
  "cmpq %%r10, %%r11\n"                   \
  "jae 1f\n"                              \
  "movq %c[funcs](%%r14), %%r10\n"        \
  "movq (%%r10,%%r11,8), %%r10\n"         \
  "cmpq %c[func_context](%%r10), %%r14\n" \
  "jne 1f\n"                              \
  "movq %c[func_entry](%%r10), %%r10\n"   \
  "jmpq *%%r10\n"                         \
  "1:\n"

// Keeps the argument registers for C++, which takes the callee's arguments from them by its type.
// Jumped to by a function whose frame is gone, it returns to that one's caller.
#define FOREIGN_THUNK(name, fast_way)                                                            \
  NAKED void cordon_thunk_##name() {                                                             \
    asm volatile(                                                                                \
        ".cfi_signal_frame\n" fast_way                                                           \
        "movq %%rsp, %c[guest_stack](%%r14)\n"                                                   \
        "movq %%rsp, %%r10\n .cfi_def_cfa %%r10, 8\n"                                            \
        "movq %c[exit_stack](%%r14), %%rsp\n"                                                    \
        "subq $128, %%rsp\n"                                                                     \
        "movq %%rsi, (%%rsp)\n movq %%rdi, 8(%%rsp)\n movq %%rbx, 16(%%rsp)\n"                   \
        "movq %%rbp, 24(%%rsp)\n movq %%r8, 32(%%rsp)\n movq %%r9, 40(%%rsp)\n"                  \
        "movq %%xmm2, 48(%%rsp)\n movq %%xmm3, 56(%%rsp)\n movq %%xmm4, 64(%%rsp)\n"             \
        "movq %%xmm5, 72(%%rsp)\n movq %%xmm6, 80(%%rsp)\n movq %%xmm7, 88(%%rsp)\n"             \
        "movq %%xmm8, 96(%%rsp)\n movq %%xmm9, 104(%%rsp)\n"                                     \
        "movq %%r10, %%rbp\n .cfi_def_cfa %%rbp, 8\n .cfi_undefined %%rbp\n"                     \
        "movq %%r14, %%rdi\n movq %%r11, %%rsi\n movq %%rsp, %%rdx\n leaq 8(%%r10), %%rcx\n"     \
        "call cordon_" #name                                                                     \
        "\n"                                                                                     \
        "testq %%rdx, %%rdx\n"                                                                   \
        "jnz cordon_leave_builtin\n"                                                             \
        "movq %%rax, %%xmm0\n"                                                                   \
        "movq %%rbp, %%rsp\n .cfi_def_cfa %%rsp, 8\n" CLEAR_VOLATILE "ret\n" ::CONTEXT_OFFSETS); \
  }
FOREIGN_THUNK(call_foreign, "")
FOREIGN_THUNK(return_call_foreign, "")
FOREIGN_THUNK(return_call_import, "")
FOREIGN_THUNK(call_own, TO_NATIVE_FUNC)
FOREIGN_THUNK(return_call_own, TO_NATIVE_FUNC)
#undef FOREIGN_THUNK

#define BUILTIN(name, signature)               \
  BuiltinHalf cordon_builtin_##name;           \
  NAKED void cordon_thunk_of_##name() {        \
    asm volatile("leaq cordon_builtin_" #name  \
                 "(%rip), %rax\n"              \
                 "jmp cordon_call_builtin\n"); \
  }
#include "core/abi/builtins.def"

}  // extern "C"

const void* builtin_thunk(abi::Builtin builtin) {
  switch (builtin) {
    case abi::Builtin::call_foreign:
      return reinterpret_cast<const void*>(&cordon_thunk_call_foreign);
    case abi::Builtin::return_call_foreign:
      return reinterpret_cast<const void*>(&cordon_thunk_return_call_foreign);
    case abi::Builtin::return_call_import:
      return reinterpret_cast<const void*>(&cordon_thunk_return_call_import);
    case abi::Builtin::call_own: return reinterpret_cast<const void*>(&cordon_thunk_call_own);
    case abi::Builtin::return_call_own:
      return reinterpret_cast<const void*>(&cordon_thunk_return_call_own);
    default: break;
  }
  switch (builtin) {
#define BUILTIN(name, signature) \
  case abi::Builtin::name: return reinterpret_cast<const void*>(&cordon_thunk_of_##name);
#include "core/abi/builtins.def"
  }
  return nullptr;
}

}  // namespace cordon::runtime
