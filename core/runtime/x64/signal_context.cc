// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/signal_context.h"

#include "core/runtime/trampolines.h"

namespace cordon::runtime {

Stopped stopped_at(const ucontext_t& thread) {
  const auto& registers = thread.uc_mcontext.gregs;
  return {reinterpret_cast<const void*>(registers[REG_RIP]),
          reinterpret_cast<const uint64_t*>(registers[REG_RSP])};
}

void go_on_by_trap(ucontext_t& thread, abi::VmContext* context) {
  auto& registers = thread.uc_mcontext.gregs;
  registers[REG_R14] = reinterpret_cast<greg_t>(context);
  registers[REG_RSP] = static_cast<greg_t>(context->exit_stack);
  registers[REG_RIP] = reinterpret_cast<greg_t>(&cordon_leave_by_trap);
}

bool is_trap_instruction(ByteSpan code) {
  return code.size() >= 2 && code[0] == 0x0F && code[1] == 0x0B;  // ud2
}

}  // namespace cordon::runtime
