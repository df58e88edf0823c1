// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/mutation/stepper.h"

#include <Zydis/Zydis.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <vector>

#include "core/abi/module_plan.h"
#include "core/runtime/builtins.h"
#include "core/runtime/code/space.h"

extern "C" void cordon_leave_by_trap();

namespace cordon::mutation {
namespace {

constexpr uint64_t kTrampoline = 64;  // at least as long as cordon_leave_by_trap
constexpr uint64_t kReach = (uint64_t{1} << 32) + (uint64_t{1} << 31) + 8;  // of [M1]

struct Range {
  uint64_t begin = 0, end = 0;
  bool has(uint64_t at, uint64_t size) const { return at >= begin && at + size <= end; }
};

// What the handler looks at: made before the first step.
struct State {
  ZydisDecoder decoder;
  const abi::VmContext* context = nullptr;
  const runtime::CodeSpace* code = nullptr;
  const runtime::GuestStack* stack = nullptr;
  Range code_space, context_range, globals;
  std::vector<bool> instructions;  // of the code space
  struct sigaction others;
  uint64_t* steps = nullptr;
  bool inside = false, after_return = false;
  uint64_t host = 0;  // where code returns to
};
State* state = nullptr;

[[noreturn]] void breach(const char* what, uint64_t rip) {
  char line[128];
  const int size = snprintf(line, sizeof line, "step at %llx of the code: %s\n",
                            static_cast<unsigned long long>(rip - state->code_space.begin), what);
  (void)!write(STDERR_FILENO, line, static_cast<size_t>(size));
  _exit(kBreach);
}

uint64_t address(const void* p) { return reinterpret_cast<uint64_t>(p); }

uint64_t value(const greg_t* regs, ZydisRegister reg, uint64_t next) {
  constexpr int kNumbers[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                              REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                              REG_R12, REG_R13, REG_R14, REG_R15};
  if (reg == ZYDIS_REGISTER_NONE) return 0;
  if (reg == ZYDIS_REGISTER_RIP) return next;
  return static_cast<uint64_t>(regs[kNumbers[reg - ZYDIS_REGISTER_RAX]]);
}

Range stack() { return {address(state->stack->lowest()), address(state->stack->base())}; }

// [M1] [S1] What the instruction is about to touch.
void check_operand(const greg_t* regs, const ZydisDecodedInstruction& insn,
                   const ZydisDecodedOperand& operand, uint64_t rip) {
  const ZydisDecodedOperandMem& mem = operand.mem;
  if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY || mem.type != ZYDIS_MEMOP_TYPE_MEM) return;
  if (insn.mnemonic == ZYDIS_MNEMONIC_NOP) return;
  uint64_t at = value(regs, mem.base, rip + insn.length) + value(regs, mem.index, 0) * mem.scale +
                static_cast<uint64_t>(mem.disp.value);
  const uint64_t size = operand.size / 8;
  const bool writes = (operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
  const bool pushes = operand.visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN && writes;
  if (pushes) at -= size;
  const uint64_t memory = address(state->context->memory_base);
  if (stack().has(at, size) || Range{memory, memory + kReach}.has(at, size)) return;
  if (writes) {
    const uint64_t fuel = state->context_range.begin + offsetof(abi::VmContext, fuel);
    if (!state->globals.has(at, size) && at != fuel) breach("writes elsewhere", rip);
    return;
  }
  // The sequence of call_indirect follows pointers of the runtime's in r11.
  const bool known = state->context_range.has(at, size) || state->code_space.has(at, size) ||
                     mem.base == ZYDIS_REGISTER_R11;
  if (!known) breach("reads elsewhere", rip);
}

// [C1] From outside: at a function, or after a call.
void check_entry(const greg_t* regs, uint64_t rip) {
  const auto* const pc = reinterpret_cast<const uint8_t*>(rip);
  const runtime::CodeUnit* unit = state->code->unit_at(pc);
  const auto index = unit != nullptr ? unit->func_at(unit->offset_of(pc)) : std::nullopt;
  if (index && address(unit->entry(*index)) == rip) {
    uint64_t back;
    std::memcpy(&back, reinterpret_cast<const void*>(regs[REG_RSP]), sizeof back);
    // The runtime's part of a call between functions leaves the guest's return address.
    if (!state->code_space.has(back, 1)) state->host = back;
    return;
  }
  unit = state->code->unit_at(pc - 1);
  if (unit == nullptr) breach("entered in its middle", rip);
  const uint64_t offset = unit->offset_of(pc);
  if (unit->call_site(offset) == nullptr && !unit->is_handler(offset)) {
    breach("entered in its middle", rip);
  }
}

// [C1] To a builtin, to a trap, or back.
void check_exit(uint64_t rip, uint64_t left) {
  if (state->after_return && rip == state->host) return;
  if (rip - address(reinterpret_cast<const void*>(&cordon_leave_by_trap)) < kTrampoline) return;
  for (size_t i = 0; i < abi::kBuiltins.size(); ++i) {
    if (rip == address(runtime::builtin_thunk(static_cast<abi::Builtin>(i)))) return;
  }
  breach("leaves for nowhere", left);
}

void check_instruction(const greg_t* regs, uint64_t rip) {
  if (!state->instructions[rip - state->code_space.begin]) breach("inside of an instruction", rip);
  if (static_cast<uint64_t>(regs[REG_R14]) != address(state->context)) breach("r14", rip);
  if (static_cast<uint64_t>(regs[REG_R15]) != address(state->context->memory_base)) {
    breach("r15", rip);
  }
  const auto rsp = static_cast<uint64_t>(regs[REG_RSP]);
  if (!stack().has(rsp, 8) || rsp % 8 != 0) breach("rsp", rip);
  ZydisDecodedInstruction insn;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&state->decoder, reinterpret_cast<const void*>(rip),
                                           state->code_space.end - rip, &insn, operands))) {
    breach("no instruction", rip);
  }
  for (unsigned i = 0; i < insn.operand_count; ++i) check_operand(regs, insn, operands[i], rip);
  state->after_return = insn.mnemonic == ZYDIS_MNEMONIC_RET;
}

void on_step(int signal, siginfo_t* info, void* raw) {
  static uint64_t last = 0;
  const greg_t* regs = static_cast<ucontext_t*>(raw)->uc_mcontext.gregs;
  // By int3. Steps are TRAP_TRACE; on a virtual machine now and then TRAP_BRKPT.
  if (info->si_code == SI_KERNEL) return state->others.sa_sigaction(signal, info, raw);
  const auto rip = static_cast<uint64_t>(regs[REG_RIP]);
  const bool inside = state->code_space.has(rip, 1);
  if (inside && !state->inside) check_entry(regs, rip);
  if (!inside && state->inside) check_exit(rip, last);
  if (inside) {
    check_instruction(regs, rip);
    last = rip;
    ++*state->steps;
  }
  state->inside = inside;
}

// Each instruction, as Zydis reads the functions from their first bytes on.
void mark_instructions(const runtime::CodeUnit& unit, uint32_t func) {
  const auto* at = static_cast<const uint8_t*>(unit.entry(func));
  const uint8_t* const end = at + unit.func(func).size;
  ZydisDecodedInstruction insn;
  for (; at < end; at += insn.length) {
    state->instructions[address(at) - state->code_space.begin] = true;
    const auto left = static_cast<ZyanUSize>(end - at);
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&state->decoder, nullptr, at, left, &insn))) {
      breach("no instruction", address(at));
    }
  }
}

void mark_instructions() {
  state->instructions.assign(state->code->room().size(), false);
  for (const runtime::CodeUnit* unit : state->code->units()) {
    for (uint32_t i = 0; i < unit->funcs(); ++i) mark_instructions(*unit, i);
  }
}

}  // namespace

void prepare_steps(const runtime::Instance& instance, uint64_t& steps) {
  state = new State;
  ZydisDecoderInit(&state->decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  state->context = &instance.context->get();
  state->code = instance.code.get();
  state->stack = &*instance.stack;
  const ByteSpan code = state->code->room();
  state->code_space = {address(code.data()), address(code.data()) + code.size()};
  const abi::ModulePlan plan(instance.module->module());
  const uint64_t context = address(state->context);
  state->context_range = {context, context + plan.size()};
  state->globals = {context + plan.global(0), context + plan.size()};
  state->steps = &steps;
  mark_instructions();
  struct sigaction action{};
  action.sa_sigaction = on_step;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGTRAP, &action, &state->others);
}

void begin_steps() {
  asm volatile("subq $128, %%rsp\n pushfq\n orq $0x100, (%%rsp)\n popfq\n addq $128, %%rsp" ::
                   : "cc", "memory");
}

void end_steps() {
  asm volatile("subq $128, %%rsp\n pushfq\n andq $~0x100, (%%rsp)\n popfq\n addq $128, %%rsp" ::
                   : "cc", "memory");
}

}  // namespace cordon::mutation
