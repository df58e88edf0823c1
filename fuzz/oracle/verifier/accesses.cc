// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The memory that accepted code may access: linear memory with its guard, its frame and window,
// words of the context and of tables, and read-only data.
#include <algorithm>

#include "core/abi/convention.h"
#include "fuzz/oracle/verifier/block.h"

namespace cordon::fuzz::emulated {

// An instruction with a VEX prefix, which Unicorn lacks: its accesses are checked, and its result
// in a general register is arbitrary.
void Block::vector(Registers registers) {
  const CodeMap::Vector vector = map_.vector(now_, registers, kCodeAt);
  for (const CodeMap::Operand& operand : vector.memory) {
    for (uint64_t at = 0; at < operand.bytes; at += 8) {
      access(operand.writes, operand.address + at, std::min<uint64_t>(8, operand.bytes - at), 0);
    }
  }
  if (vector.writes != CodeMap::kNoRegister) {
    registers[vector.writes] = vector.writes_u32 ? edge(random_) : garbage(random_);
    processor_.set(registers);
  }
  go_on();
}

void Block::access(bool writes, uint64_t address, uint64_t bytes, uint64_t value) {
  if (insn_ == nullptr) return must(false, "an access of no instruction");
  if (insn_->is_heap) return heap_access(address, bytes);
  // [R2] A call pushes an address of the code, which is no secret.
  if (writes && bytes == 8) must(!is_secret(value), "an address of the host's is stored");
  switch (address >> kRegionShift << kRegionShift) {
    case kStackAt: return stack_access(writes, address, bytes);
    case kContextAt:
    case kTablesAt: return word_access(writes, address, bytes, value);
    case kCodeAt: {
      const uint64_t first = kCodeAt + blob_.rodata_at - blob_.code_at;
      must(address >= first && address + bytes <= first + blob_.rodata.size(),
           "reads beside the read-only data");
      return must(!writes, "writes code");
    }
    default: return must(false, "touches what is nobody's");
  }
}

// [M1] [T1]
void Block::heap_access(uint64_t address, uint64_t bytes) {
  must(address >= kHeapAt && address + bytes <= kHeapAt + kHeapReach,
       "linear memory and its guard are left");
  must(insn_->memory_bytes <= kMostBytes, "an access to linear memory of more than 16 bytes");
  const abi::TrapSite* site = map_.trap_site(now_);
  must(site != nullptr && site->trap == Trap::out_of_bounds_memory_access,
       "an access to linear memory at no trap site");
  must(!world_.module().memories.empty(), "linear memory that is not there");
  must(stack_is_checked(), "the frame was not checked against the limit");
}

// [S1]
void Block::stack_access(bool writes, uint64_t address, uint64_t bytes) {
  const uint64_t frame = return_at_ - func_->frame_size;
  if (insn_->kind == Instruction::Kind::Call && writes) {
    return must(address == frame - 8 && bytes == 8, "a call without the function's frame");
  }
  if (insn_->kind == Instruction::Kind::Return) {
    return must(address == return_at_ && bytes == 8, "returns by what is no return address");
  }
  const uint64_t window = return_at_ + abi::kReturnAddress;
  const uint64_t window_end = window + uint64_t{8} * world_.window(*type_);
  const uint64_t state_end = window_end + 8 * state_slots_;
  const bool is_own = address >= frame && address + bytes <= return_at_;
  const bool is_incoming = address >= window && address + bytes <= window_end;
  const bool is_state = !writes && address >= window_end && address + bytes <= state_end;
  must(is_own || is_incoming || is_state, "the frame is left");
  must(stack_is_checked(), "the frame was not checked against the limit");
}

// [M1]
void Block::word_access(bool writes, uint64_t address, uint64_t bytes, uint64_t value) {
  const Word* word = world_.word(address);
  if (word == nullptr || word->bytes != bytes) return must(false, "no word of the context's");
  must(insn_->memory_bytes == (word->of_bytes != 0 ? word->of_bytes : word->bytes),
       "a part of a word of the context's");
  must(!writes || word->writable, "a word that is read-only is written");
  if (!word->is_fuel) return;
  must(blob_.options.fuel, "fuel in code that charges none");
  const auto old = static_cast<int64_t>(processor_.read64(address));
  must(!writes || static_cast<int64_t>(value) <= old, "fuel grows");
}

}  // namespace cordon::fuzz::emulated
