// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reader: the half of the pass for x86-64. Decodes each instruction, checks its operands and tracks
// its effects on registers; passes branches, calls and traps to the other half.
#pragma once

#include "core/verify/pass.h"
#include "core/verify/x64/decode.h"

namespace cordon::verify::x64 {

struct Pattern;
struct Step;

class Reader final : public Pass {  // what Isa::make_pass makes
 public:
  Reader(const Layout& layout, const abi::CodeBlob& blob);  // both outlive this

 private:
  // An instruction and where it is.
  struct Placed : Insn {
    uint64_t at;
    uint64_t next() const { return at + length; }
    uint64_t target() const { return next() + static_cast<uint64_t>(imm); }
  };

  bool prologue() override;
  bool block() override;
  bool load_state() override;
  bool foreign_call(const Foreign& call) override;
  bool traps(uint64_t at) const override;

  bool read(Placed& insn);
  bool instruction(Placed& insn);
  void effects(const Placed& insn);
  void note_constants(const Placed& insn);
  bool flow(const Placed& insn);

  // Memory operands, distinguished by the base register.
  bool memory(const Placed& insn);
  bool heap(const Placed& insn);
  bool context(const Placed& insn);
  bool frame(const Placed& insn);
  bool rodata(const Placed& insn);
  bool lea(const Placed& insn);
  // Where a rip-relative operand is in the read-only data.
  int64_t in_rodata(const Placed& insn) const;

  // Fixed sequences (sequences.cc), of which insns_[0] is the first and has been read.
  static constexpr size_t kLongest = 15;
  size_t match(std::span<const Step> steps);
  bool taken(std::span<const Step> steps);
  bool holds(const Pattern& want, const Placed& insn) const;
  bool holds(int64_t want, int64_t value) const;
  bool epilogue();
  bool fuel_charge();
  std::optional<bool> jump_table();
  bool call_indirect();
  bool return_call_indirect(const TypeFacts& callee);
  // The stack pointer is at the return address: `insn` leaves the function.
  bool leave(const Placed& insn);
  bool tail_builtin(const Placed& insn);

  const uint32_t lacking_;  // CPU features that the blob does not declare
  std::array<Placed, kLongest> insns_;
};

}  // namespace cordon::verify::x64
