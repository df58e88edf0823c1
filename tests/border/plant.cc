// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/border/plant.h"

#include <array>
#include <atomic>
#include <cstring>

#define NAKED __attribute__((naked, used, noinline))

namespace cordon::border {

extern "C" {

// For the assembly. Vectors are 32 bytes each, their upper halves of use where there is AVX.
__attribute__((used)) uint64_t cordon_test_planted = 0;
__attribute__((used)) uint64_t cordon_test_vectors[16 * 4];
__attribute__((used)) uint8_t cordon_test_has_avx = 0;

// clang-format off
// The canary with a last byte of two hexadecimal digits.
#define PLANT_GPR(reg, last) "movabsq $0xFEE1DEADF00DCA" last ", %" reg "\n"
#define PLANT_XMM(n, at) "movdqu cordon_test_vectors+" #at "(%rip), %xmm" #n "\n"
#define PLANT_YMM(n, at) "vmovdqu cordon_test_vectors+" #at "(%rip), %ymm" #n "\n"
#define EACH_VECTOR(PLANT_ONE)                                                           \
  PLANT_ONE(0, 0) PLANT_ONE(1, 32) PLANT_ONE(2, 64) PLANT_ONE(3, 96)                     \
  PLANT_ONE(4, 128) PLANT_ONE(5, 160) PLANT_ONE(6, 192) PLANT_ONE(7, 224)                \
  PLANT_ONE(8, 256) PLANT_ONE(9, 288) PLANT_ONE(10, 320) PLANT_ONE(11, 352)              \
  PLANT_ONE(12, 384) PLANT_ONE(13, 416) PLANT_ONE(14, 448) PLANT_ONE(15, 480)
// Then the flags, by an address of the host.
#define PLANT_VECTORS                                                                    \
  "cmpb $0, cordon_test_has_avx(%rip)\n je 1f\n" EACH_VECTOR(PLANT_YMM) "jmp 2f\n"       \
  "1:\n" EACH_VECTOR(PLANT_XMM)                                                          \
  "2:\n cmpq %rsp, %r11\n"
// All that C++ may change but rax and rdx, and the stack below.
#define PLANT_VOLATILE                                                                   \
  PLANT_GPR("rcx", "01") PLANT_GPR("rsi", "06") PLANT_GPR("rdi", "07")                   \
  PLANT_GPR("r8", "08") PLANT_GPR("r9", "09") PLANT_GPR("r10", "0A")                     \
  PLANT_GPR("r11", "0B")                                                                 \
  "movq %r11, -8(%rsp)\n movq %r11, -16(%rsp)\n movq %r11, -64(%rsp)\n" PLANT_VECTORS

// As cordon_enter_native: rdi, rsi, rdx and rcx are its arguments. Everything else is planted,
// also what it preserves for its caller, and 512 bytes of stack.
uint64_t cordon_test_wrap_enter() __asm__("__wrap_cordon_enter_native");
NAKED uint64_t cordon_test_wrap_enter() {
  asm("incq cordon_test_planted(%rip)\n"
      "pushq %rbp\n pushq %rbx\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
      "subq $520, %rsp\n" PLANT_GPR("r11", "A0")
      "movl $64, %r10d\n"
      "3: movq %r11, -8(%rsp, %r10, 8)\n decl %r10d\n jnz 3b\n"
      PLANT_GPR("rax", "00") PLANT_GPR("rbx", "03") PLANT_GPR("rbp", "05") PLANT_GPR("r8", "08")
      PLANT_GPR("r9", "09") PLANT_GPR("r10", "0A") PLANT_GPR("r11", "0B") PLANT_GPR("r12", "0C")
      PLANT_GPR("r13", "0D") PLANT_GPR("r14", "0E") PLANT_GPR("r15", "0F") PLANT_VECTORS
      "call __real_cordon_enter_native\n"
      "addq $520, %rsp\n"
      "popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbx\n popq %rbp\n"
      "ret\n");
}

// As a builtin's C++ half, whose results are in rax and rdx.
#define WRAP(symbol, function)                                                           \
  void function() __asm__("__wrap_" symbol);                                             \
  NAKED void function() {                                                                \
    asm("incq cordon_test_planted(%rip)\n subq $8, %rsp\n call __real_" symbol           \
        "\n addq $8, %rsp\n" PLANT_VOLATILE "ret\n");                                    \
  }
// clang-format on
#define BUILTIN(name, signature) WRAP("cordon_builtin_" #name, cordon_test_wrap_##name)
#include "core/abi/builtins.def"
WRAP("cordon_call_foreign", cordon_test_wrap_of_foreign)
WRAP("cordon_return_call_foreign", cordon_test_wrap_of_return_call_foreign)
WRAP("cordon_return_call_import", cordon_test_wrap_of_return_call_import)
WRAP("cordon_call_own", cordon_test_wrap_of_call_own)
WRAP("cordon_return_call_own", cordon_test_wrap_of_return_call_own)

NAKED Trap cordon_test_leaky_host(void*, runtime::HostCall&, const uint64_t*, uint64_t*) {
  asm("movq (%rdx), %rax\n movq %rax, (%rcx)\n" PLANT_VOLATILE
      "movq %r11, %rdx\n xorl %eax, %eax\n ret\n");
}

void cordon_test_plant_and_look(Planted* planted);
NAKED void cordon_test_plant_and_look(Planted*) {
  asm("pushq %rdi\n" PLANT_VOLATILE
      "popq %rdi\n movq %r11, (%rdi)\n movdqu %xmm15, 8(%rdi)\n ret\n");
}

}  // extern "C"

namespace {

// Before any test.
const bool g_prepared = [] {
  for (size_t i = 0; i < std::size(cordon_test_vectors); ++i) {
    cordon_test_vectors[i] = kCanary | 0x10 | i / 4 | (i % 4) << 5;
  }
  cordon_test_has_avx = __builtin_cpu_supports("avx") != 0;
  return true;
}();

}  // namespace

uint64_t times_planted() { return cordon_test_planted; }

__attribute__((noinline, no_sanitize("address"))) void plant_on_stack() {
  std::array<volatile uint64_t, 8192> room;
  for (volatile uint64_t& each : room) each = kHostStack;
}

Planted plant_and_look() {
  Planted planted{};
  if (g_prepared) cordon_test_plant_and_look(&planted);
  return planted;
}

}  // namespace cordon::border
