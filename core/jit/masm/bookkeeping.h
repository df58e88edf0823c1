// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bookkeeping: the part of a macro assembler that is the same on every machine: the records beside
// the bytes. For each register whether its upper half is zero (u32), joined at every branch;
// leaders, trap sites, call sites, lines, entries of jump tables. A violation of
// docs/generated-code.md that is noticed here (a join that claims too much) fails the compile.
//
// A machine's MacroAssembler derives from it and emits. `Assembler` has labels, relocations and
// failure as core/asm/x64/assembler.h has.
#pragma once

#include <span>

#include "core/abi/code_blob.h"
#include "core/asm/records.h"
#include "core/jit/masm/constant_pool.h"
#include "core/jit/masm/operand.h"
#include "core/jit/masm/references.h"

namespace cordon::jit::masm {

namespace diag {
#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "core/jit/masm/diagnostics.def"
}  // namespace diag

using emit::Records;

// For one function after the other, on one thread.
template <class Assembler>
class Bookkeeping {
 public:
  // Sets the pool for constants and jump tables.
  void use_pool(ConstantPool& pool) { pool_ = &pool; }
  // From now on lines() maps code to its instructions: for listings.
  void keep_lines() { keeps_lines_ = true; }

  // A function begins: `u32` are the facts at its entry.
  void begin(uint32_t u32);
  // The following code belongs to the instruction at this offset of the module.
  void at(uint32_t wasm_offset) {
    wasm_offset_ = wasm_offset;
    if (keeps_lines_) note_line();
  }

  // Those of the assembler: bytes into the function, and the first failure or null.
  uint32_t offset() const { return asm_.offset(); }
  uint32_t offset_of(emit::Label label) const { return asm_.offset_of(label); }
  const DiagnosticKind* error() const { return asm_.error(); }
  void fail(const DiagnosticKind& kind) { asm_.fail(kind); }
  // Once the function has ended.
  ByteSpan code() { return code_; }

  decltype(auto) relocations() const { return asm_.relocations(); }
  std::span<const abi::Leader> leaders() const { return leaders_; }
  std::span<const abi::PackedTrapSite> trap_sites() const { return trap_sites_; }
  std::span<const abi::CallSite> call_sites() const { return call_sites_; }
  std::span<const abi::Handler> handlers() const { return handlers_; }
  std::span<const abi::LoopEntry> loop_entries() const { return loop_entries_; }
  // The code from `offset` up to the next line belongs to the instruction at `wasm_offset`.
  struct Line {
    uint32_t offset, wasm_offset;
  };
  std::span<const Line> lines() const { return lines_; }
  // Entries of jump tables: the place in the read-only data, and the offset in the code that it
  // refers to.
  struct TableEntry {
    uint32_t rodata, table, target;
  };
  std::span<const TableEntry> table_entries() const { return table_entries_; }

  // The target for a branch that traps, for the instruction of at().
  emit::Label trap_label(Trap trap);
  Join new_join() { return {asm_.new_label()}; }
  void bind(Join& join);
  // Binds the head of a loop, which claims exactly `u32` in every round.
  void bind_loop(Join& join, uint32_t u32);
  // Control comes here from the runtime alone, with nothing in registers: clause `clause` of the
  // instruction at `wasm_offset` has caught what is in so many slots at the bottom of the frame.
  // REQUIRES: nothing falls in, and some code follows before the next label.
  void bind_handler(uint32_t wasm_offset, uint32_t clause, uint32_t slots);
  // The runtime enters the function here, to go on with the loop at `wasm_offset`, with so many
  // slots of state above the window. A prologue follows. REQUIRES: nothing falls in.
  void bind_loop_entry(uint32_t wasm_offset, uint32_t slots);
  // The facts here, for the compiler's own checks.
  uint32_t u32() const { return u32_; }

 protected:
  Bookkeeping();

  // Facts. An operation of 32 bits clears the upper half of what it writes.
  void wrote(Size size, Reg dst) { u32_ = size == Size::S32 ? u32_ | bit(dst) : u32_ & ~bit(dst); }
  void flags_of(Size size, Reg r) { flags_ = {asm_.offset(), r, size}; }
  // A branch from here goes there.
  void flow_to(Join& to);
  // A call returns here. `result_u32`: result 0 is an i32.
  void call_made(bool result_u32);
  // The next instruction may trap, and how.
  void add_trap_site(Trap trap) { trap_sites_.add({asm_.offset(), wasm_offset_, trap}); }
  // Reserves a jump table in the read-only data, and records its entries: each one's distance from
  // the table. Control goes to each of `targets`.
  uint32_t table_for(size_t entries) { return pool_->space(4 * static_cast<uint32_t>(entries)); }
  void fill_table(uint32_t table, std::span<Join* const> targets);
  // All code has been emitted. False if the compile failed.
  bool finish();

  Assembler asm_;
  ConstantPool* pool_ = nullptr;
  uint32_t u32_ = 0;
  uint32_t wasm_offset_ = 0;
  bool dead_ = false;  // after a jump
  // The end of the latest arithmetic instruction, whose flags show whether this register is zero.
  struct {
    uint32_t at = ~uint32_t{0};
    Reg reg = Reg::none;
    Size size = Size::S32;
  } flags_;

  struct PendingTrap {
    emit::Label label;
    Trap trap;
    uint32_t wasm_offset;
  };
  Records<PendingTrap> pending_traps_;
  // The parts out of line of call_indirect, for functions of other instances. A tail call does not
  // come back: the frame, of so many bytes, is gone.
  struct PendingForeign {
    Join foreign, back;
    uint32_t wasm_offset;
    bool result_u32;
    bool is_tail = false;
    uint32_t frame_size = 0;
  };
  Records<PendingForeign> pending_foreign_;

 private:
  void add_leader();
  void note_line();

  bool keeps_lines_ = false;
  ByteSpan code_;
  Records<TableEntry> table_entries_;  // until the end, targets are numbers of labels
  Records<abi::Leader> leaders_;
  Records<abi::PackedTrapSite> trap_sites_;
  Records<abi::CallSite> call_sites_;
  Records<abi::Handler> handlers_;
  Records<abi::LoopEntry> loop_entries_;
  Records<Line> lines_;
};

}  // namespace cordon::jit::masm
