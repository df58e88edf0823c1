// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/gen/accepted/native_func.h"

namespace cordon::fuzz::accepted {

using namespace x64;

namespace {

constexpr uint32_t kMostStatements = 8, kMostInBranch = 3;
// Where dumps are written: see dump().
constexpr uint32_t kDumpsAt = 4096, kDumpSize = 512, kDumps = 16;
constexpr Gpr kFreeRegisters[] = {rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13};

}  // namespace

void NativeFunc::statements(uint32_t depth) {
  const uint32_t count = below(depth == 0 ? kMostStatements : kMostInBranch);
  for (uint32_t i = 0; i < count && !choices_.spent(); ++i) statement(depth);
}

void NativeFunc::statement(uint32_t depth) {
  switch (below(20)) {
    case 0:
    case 1: return memory_access();
    case 2: return context_access();
    case 3:
      if (depth > 1) return;
      return branch(depth);
    case 4:
      if (depth > 0 || leaf_) return;
      return loop(depth);
    case 5: return maybe_trap();
    case 6:
    case 7: return dump();
    case 8:
    case 9: return call_function();
    case 10:
    case 11:
    case 12: return call_indirect();
    default: return call_builtin();
  }
}

// Forward, over some statements.
void NativeFunc::branch(uint32_t depth) {
  const Label end = a_.new_label();
  load_index(rax);
  a_.cmp(W32, rax, below(3));
  a_.jcc(Cond::Equal, end);
  statements(depth + 1);
  leader(end, 0);
}

// No call's results and no other store overwrite the counter's slot.
void NativeFunc::loop(uint32_t depth) {
  const Label head = a_.new_label();
  a_.mov(W64, slot(kCounter), 1 + below(3));
  leader(head, 0);
  statements(depth + 1);
  a_.mov(W32, rax, slot(kCounter));
  a_.sub(W32, rax, 1);
  a_.mov(W64, slot(kCounter), rax);
  a_.jcc(Cond::Above, head);
}

// A load or a store of 4 or 8 bytes at any u32 address: often among the words, sometimes outside.
void NativeFunc::memory_access() {
  if (!has_memory()) return;
  const bool near = below(4) != 3;
  load_index(rcx);
  if (near) a_.and_(W32, rcx, 0x78);
  const uint32_t disp = near ? kWordsAt : below(2) * 0x7FFF'FFF0;
  const Width width = below(2) == 1 ? W32 : W64;
  const bool loads = below(2) == 1;
  if (!loads) load_any(rax);
  blob_.trap_sites.push_back({a_.offset(), wasm_offset_, Trap::out_of_bounds_memory_access});
  if (loads) {
    a_.mov(width, rax, mem(r15, rcx, disp));
    store_any(rax);
  } else {
    a_.mov(width, mem(r15, rcx, disp), rax);
  }
}

// A store to a global in the context, in its width. Handles are honest, if the program is.
void NativeFunc::context_access() {
  if (blob_.writable.empty()) return;
  const uint32_t global = choices_.of(blob_.writable);
  const wasm::ValType type = blob_.module.globals[global].type.value;
  load(rax, type);
  const bool narrow = type == wasm::ValType::i32 || type == wasm::ValType::f32;
  a_.mov(narrow ? W32 : W64, mem(r14, blob_.plan.global(global)), rax);
}

void NativeFunc::maybe_trap() {
  if (below(4) != 3) return;
  load_index(rax);
  a_.cmp(W32, rax, below(6));
  a_.jcc(Cond::Equal, ud2(Trap::unreachable));
}

// Writes all that can be read here to memory, where the oracle looks for secrets.
void NativeFunc::dump() {
  if (!has_memory()) return;
  switch (below(4)) {
    case 1: return dump_floats();
    case 2:
      if (!leaf_) return dump_frame();
      break;
    default: break;
  }
  dump_registers();
}

void NativeFunc::dump_registers() {
  uint32_t to = kDumpsAt + kDumpSize * below(kDumps);
  for (const Gpr reg : kFreeRegisters) {
    store_word(to, reg);
    to += 8;
  }
}

// Dumps what a call left, before rax, which has a result, is overwritten.
void NativeFunc::dump_before_results() {
  if (has_memory() && below(3) == 1) dump_registers();
}

void NativeFunc::dump_floats() {
  uint32_t to = kDumpsAt + kDumpSize * below(kDumps);
  for (uint8_t i = 0; i < 16; ++i) {
    const auto reg = static_cast<Xmm>(i);
    const Mem low = heap(to);
    a_.movs(F64, low, reg);
    if (!leaf_) {
      a_.movup(F32, slot(kFree), reg);
      a_.mov(W64, rax, slot(kFree + 1));
      store_word(to + 8, rax);
    }
    to += 16;
  }
}

// Parts of the frame, whatever an earlier call left there, and the incoming slots.
void NativeFunc::dump_frame() {
  constexpr uint32_t kMost = 24;
  const uint32_t to = kDumpsAt + kDumpSize * below(kDumps);
  const uint32_t slots = frame_ / 8;
  const uint32_t first = slots > kMost ? slots - kMost - below(slots - kMost) : 0;
  for (uint32_t i = 0; i < kMost && first + i < slots; ++i) {
    a_.mov(W64, rax, slot(first + i));
    store_word(to + 8 * i, rax);
  }
  for (uint32_t i = 0; i < window_.total(); ++i) {
    a_.mov(W64, rax, incoming(i));
    store_word(to + 8 * (kMost + i), rax);
  }
}

}  // namespace cordon::fuzz::accepted
