// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads of values for arguments and results, and stores of results.
#include "fuzz/gen/accepted/native_func.h"

namespace cordon::fuzz::accepted {

using namespace x64;

namespace {

// Registers that may hold earlier values.
constexpr Gpr kLeftovers[] = {rax, rbx, r12, r13, rbp, rdi, r10, r11};
// Preserved by builtins.
constexpr Gpr kKept[] = {rbx, r12, r13};
// No address could be mapped at any of them.
constexpr int64_t kOdd[] = {-1,
                            int64_t{1} << 32,
                            INT64_MIN,
                            0x8000'0000,
                            0x7FFF'FFFF,
                            -8,
                            0xFFFF'FFFF'0001,
                            (int64_t{1} << 32) | 1};
constexpr uint32_t kSizes[] = {0, 1, 2, 3, 8, 16, 19, 100};

}  // namespace

// [r15 + address], at which the next instruction traps if there is no memory.
Mem NativeFunc::heap(uint32_t address) {
  blob_.trap_sites.push_back({a_.offset(), wasm_offset_, Trap::out_of_bounds_memory_access});
  return mem(r15, address);
}

// Any 64 bits.
void NativeFunc::load_any(Gpr to) {
  switch (below(8)) {
    case 1:
      if (leaf_) break;
      return a_.mov(W64, to, slot(below(frame_ / 8)));
    case 2: return a_.mov(W64, to, choices_.of(kLeftovers));
    case 3:
      if (!has_memory()) break;
      return a_.mov(W64, to, heap(kWordsAt + 8 * below(kWords)));
    case 4: {
      if (blob_.readable.empty()) break;
      const uint32_t global = choices_.of(blob_.readable);
      const wasm::ValType type = blob_.module.globals[global].type.value;
      const bool narrow = type == wasm::ValType::i32 || type == wasm::ValType::f32;
      return a_.mov(narrow ? W32 : W64, to, mem(r14, blob_.plan.global(global)));
    }
    case 5:
      if (window_.total() == 0) break;
      return a_.mov(W64, to, incoming(below(window_.total())));
    case 6: return a_.mov(W64, to, choices_.of(kOdd));
    default: break;
  }
  a_.mov_u32(to, below(8));
}

// Any 32 bits, with an upper half of zero.
void NativeFunc::load_index(Gpr to) {
  switch (below(8)) {
    case 1:
      if (below(2) == 1) break;
      return a_.mov_u32(to, choices_.of(kSizes));
    case 2: load_any(to); return a_.mov(W32, to, to);
    case 3:
      if (below(4) != 3) break;
      return a_.mov_u32(to, -1);
    case 4:
      if (below(4) != 3) break;
      return a_.mov(W32, to, mem(r14, offsetof(abi::VmContext, memory_pages)));
    default: break;
  }
  a_.mov_u32(to, below(4));
}

// A reference. Honest: null, one of the module's own functions, or a kept one of that type.
void NativeFunc::load_handle(Gpr to, wasm::ValType type) {
  const bool is_func = type == wasm::ValType::funcref;
  const auto funcs = static_cast<uint32_t>(blob_.module.funcs.size());
  if (blob_.is_wild()) {
    switch (below(6)) {
      case 0: return a_.mov_u32(to, funcs + 1 + below(4));
      case 1:
        if (leaf_) break;
        return a_.mov(W64, to, slot(kHomes + below(4)));
      case 2:
        if (!blob_.program.guesses || !has_memory()) break;
        return a_.mov(W64, to, heap(kGuessesAt + 8 * below(kGuesses)));
      case 3: return a_.mov_u32(to, 1 + below(8));
      default: break;
    }
    return load_any(to);
  }
  const uint32_t way = below(4);
  if (way == 0) return a_.xor_(W32, to, to);
  if (is_func && way == 1) return a_.mov_u32(to, 1 + below(funcs));
  if (leaf_) return a_.xor_(W32, to, to);
  a_.mov(W64, to, slot(kHomes + (is_func ? 0 : 2) + below(2)));
}

void NativeFunc::load(Gpr to, wasm::ValType type) {
  if (wasm::is_ref(type)) return load_handle(to, type);
  if (type == wasm::ValType::i32) return load_index(to);
  load_any(to);
}

void NativeFunc::load_slot(wasm::ValType type) {
  if (wasm::is_ref(type)) return load_handle(rax, type);
  if (type == wasm::ValType::i32 && below(2) == 1) return load_index(rax);
  load_any(rax);
}

void NativeFunc::store_word(uint32_t address, Gpr from) { a_.mov(W64, heap(address), from); }

// To a place from which load_any() may read it.
void NativeFunc::store_any(Gpr from) {
  switch (below(5)) {
    case 1:
      if (leaf_) break;
      return a_.mov(W64, slot(kFree + below(7)), from);
    case 2:
      if (!has_memory()) break;
      return store_word(kWordsAt + 8 * below(kWords), from);
    case 3: {
      if (blob_.writable.empty()) break;
      const uint32_t global = choices_.of(blob_.writable);
      const wasm::ValType type = blob_.module.globals[global].type.value;
      const bool narrow = type == wasm::ValType::i32 || type == wasm::ValType::f32;
      return a_.mov(narrow ? W32 : W64, mem(r14, blob_.plan.global(global)), from);
    }
    case 4: return a_.mov(W64, choices_.of(kKept), from);
    default: break;
  }
}

// A result: a reference to a home of its type, anything else to where numbers are.
void NativeFunc::keep(Gpr from, wasm::ValType type) {
  if (wasm::is_ref(type) && !leaf_) {
    const bool is_func = type == wasm::ValType::funcref;
    a_.mov(W64, slot(kHomes + (is_func ? 0 : 2) + below(2)), from);
  }
  store_any(from);
}

}  // namespace cordon::fuzz::accepted
