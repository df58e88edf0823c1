// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FuncScan: what the compiler wants to know of a body before it begins: how hot each local is
// (uses, weighted by loop depth), where it is read last, what each loop touches, and how much room
// calls need. One quick pass; nothing it says is needed for safety, only for the quality of the
// code, but for the outgoing area's size.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/inline_call.h"
#include "core/jit/baseline/call_shapes.h"
#include "core/wasm/cursor.h"
#include "core/wasm/decode_op.h"
#include "core/wasm/validated.h"

namespace cordon::jit {

struct LocalUse {
  uint32_t weight = 0;         // 0: never touched
  uint32_t last_read = 0;      // offset of its last byte; a loop that reads it counts to its end
  bool written_first = false;  // set before it is read, whatever way control takes
};

// Locals are told apart by index modulo 64, so a bit may say too much.
struct LoopUse {
  uint64_t read = 0, written = 0;
  uint32_t fuel = 0;
  bool calls = false;
  bool innermost = true;
};

class FuncScan {
 public:
  // Both outlive this.
  FuncScan(const wasm::Module& module, const CallShapes& shapes)
      : module_(module), shapes_(shapes) {}

  void scan(const wasm::ValidatedFunc& func);
  std::span<const LocalUse> locals() const { return locals_; }
  // Those that are, each once.
  std::span<const uint32_t> touched() const { return touched_; }
  std::span<const LoopUse> loops() const { return loops_; }  // in the order of their opcodes
  uint32_t outgoing_slots() const { return outgoing_; }
  bool calls() const { return loop_.calls; }

 private:
  friend wasm::ValidatedOpReader;
#define OP(code, ident, text, imm, feature) \
  CORDON_INLINE void ident(const wasm::immediate::imm& operands) { see<wasm::Op::ident>(operands); }
#include "core/wasm/opcodes.def"

  template <wasm::Op kOp, class Immediates>
  CORDON_INLINE void see(const Immediates& operands);
  LocalUse& touch(uint32_t local, bool write);
  void open(bool loop);
  void close();
  void call(uint32_t slots);

  struct OpenBlock {
    bool loop;
    uint32_t index;
  };
  const wasm::Module& module_;
  const CallShapes& shapes_;
  std::vector<LocalUse> locals_;
  std::vector<LoopUse> loops_;
  std::vector<OpenBlock> blocks_;
  LoopUse loop_;                     // the innermost one that is open, or the whole body
  std::vector<LoopUse> open_loops_;  // those around it
  std::vector<std::pair<uint32_t, uint32_t>> outer_loops_;  // [start, end)
  std::vector<uint32_t> touched_;
  std::span<const wasm::SideEntry> side_table_;
  size_t side_ = 0;  // entry of the instruction at hand, see side_table.h
  uint32_t weight_ = 1;
  uint32_t outgoing_ = 0;
  uint32_t offset_ = 0;   // of a decoded instruction
  bool straight_ = true;  // no branch so far
};

}  // namespace cordon::jit
