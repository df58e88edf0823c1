// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeMap: the code of a blob as read by a decoder other than the verifier's (Zydis): the
// instruction at each offset, and what the oracle needs to know of it. Used by Emulator.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/abi/code_blob.h"

namespace cordon::fuzz::emulated {

struct Instruction {
  enum class Kind : uint8_t { None, Plain, Jump, Call, Return, Trap };
  Kind kind = Kind::None;  // None: no instruction of a function begins here
  uint8_t length = 0;
  bool is_heap = false;      // reads or writes memory relative to the memory base
  uint8_t memory_bytes = 0;  // bytes that it accesses there
  uint32_t features = 0;     // bits of abi::CpuFeature that it needs
  // Begins the part out of line of a call_indirect: a call through the context's call_foreign, or a
  // jump through return_call_foreign, with the frame given back before.
  bool calls_foreign = false;
  static constexpr uint64_t kNowhere = ~uint64_t{0};
  uint64_t target = kNowhere;   // of a jump or branch by a distance: its offset
  bool is_conditional = false;  // a branch that may also fall through
  bool is_heap_shape = false;   // ... without a scale, its displacement in 31 bits
  uint8_t heap_index = 0xFF;    // the register that is the index, or none
  bool is_forbidden = false;    // privileged, or of a kind that does not belong in guest code
  bool is_vector = false;       // has a VEX prefix, and is not a BMI instruction
  // A popcnt between registers; 0 bytes: another instruction.
  uint8_t popcnt_bytes = 0, popcnt_source = 0, popcnt_destination = 0;
};

class CodeMap {
 public:
  static constexpr uint8_t kNoRegister = 0xFF;
  // A memory operand of a vector instruction, and the general register that it writes.
  struct Operand {
    uint64_t address, bytes;
    bool writes;
  };
  struct Vector {
    std::vector<Operand> memory;
    uint8_t writes = kNoRegister;
    bool writes_u32 = false;
  };

  // `blob` outlives this.
  explicit CodeMap(const abi::CodeBlob& blob);

  const Instruction& at(uint64_t offset) const { return instructions_[offset]; }
  bool has(uint64_t offset) const {
    return offset < instructions_.size() && instructions_[offset].kind != Instruction::Kind::None;
  }
  // The leader at an offset, or null; the same for a trap site.
  const abi::Leader* leader(uint64_t offset) const;
  const abi::TrapSite* trap_site(uint64_t offset) const;
  // The effect of the vector instruction there with these registers; the code is at `code`.
  Vector vector(uint64_t offset, const std::array<uint64_t, 16>& registers, uint64_t code) const;
  bool has_call_site(uint64_t offset) const { return call_sites_.contains(offset); }
  // What can be checked without running: empty, or a site at which nothing can trap,
  // or what lacks one.
  std::string stray_site() const;

 private:
  bool has_foreign_call_without_site() const;
  const abi::BlobFunc* function_at(uint64_t offset) const;
  std::string stray_entry() const;
  std::string stray_handler() const;
  void read_function(const abi::BlobFunc& func);

  const abi::CodeBlob& blob_;
  std::vector<Instruction> instructions_;  // by offset
  std::set<uint64_t> call_sites_;
};

}  // namespace cordon::fuzz::emulated
