// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MacroAssembler: what a compiler says, in the shapes of docs/generated-code.md; the only layer
// above core/asm that knows the machine. One object compiles function after function of a chunk.
//
// It keeps the facts of the contract by itself: for each register whether its upper half is zero
// (u32), joined at every branch, and each leader, trap site and call site. What breaks
// the contract (a heap index that is not u32, a join that claims too much) fails the compile, like
// any failure of the assembler ([E1]), so a mistake of a compiler is no code at all.
//
// kScratch and kFScratch may be lost in any operation. `dst` may be any operand's register unless
// said otherwise. Moves, loads and stores keep the flags, so they may stand between a test and its
// use; nothing else does.
#pragma once

#include <span>

#include "core/abi/code_blob.h"
#include "core/abi/target.h"
#include "core/abi/vmctx.h"
#include "core/asm/records.h"
#include "core/asm/x64/assembler.h"
#include "core/jit/masm/constant_pool.h"
#include "core/jit/masm/operand.h"

namespace cordon::jit::masm {

// A reference from code into what has no place yet.
namespace diag {
#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "core/jit/masm/diagnostics.def"
}  // namespace diag

inline constexpr uint32_t kRefersToBody = 0x4000'0000;    // | offset in the body, from its prologue
inline constexpr uint32_t kRefersToRodata = 0x8000'0000;  // | offset in the chunk's read-only data
inline constexpr uint32_t kRefersToCommon = 0xC000'0000;  // | offset in common_constants()
// Without either: a function index of the module.

// The read-only data that every module has, at the start of its part; on a multiple of 16.
ByteSpan common_constants();

using emit::Records;

class MacroAssembler {
 public:
  explicit MacroAssembler(abi::Target target);
  // Where constants and jump tables go.
  void use_pool(ConstantPool& pool) { pool_ = &pool; }
  // From now on lines() tells which code came of which instruction: for listings.
  void keep_lines() { keeps_lines_ = true; }

  // A function begins: `u32` are the facts at its entry.
  void begin(uint32_t u32);
  // What follows belongs to the instruction at this offset of the module.
  void at(uint32_t wasm_offset) {
    wasm_offset_ = wasm_offset;
    if (keeps_lines_) note_line();
  }
  // The function's code is complete but for its prologue: the ud2 of all traps. False if the
  // compile failed.
  bool end();

  uint32_t offset() const { return asm_.offset(); }
  const DiagnosticKind* error() const { return asm_.error(); }
  ByteSpan code() { return code_; }
  std::span<const x64::Relocation> relocations() const { return asm_.relocations(); }
  std::span<const abi::Leader> leaders() const { return leaders_; }
  std::span<const abi::PackedTrapSite> trap_sites() const { return trap_sites_; }
  std::span<const abi::CallSite> call_sites() const { return call_sites_; }
  // From `offset` on, up to the next line, stands the code of the instruction at `wasm_offset`.
  struct Line {
    uint32_t offset, wasm_offset;
  };
  std::span<const Line> lines() const { return lines_; }
  // Entries of jump tables: where in the read-only data, and which offset of the code belongs
  // there.
  struct TableEntry {
    uint32_t rodata, table, target;
  };
  std::span<const TableEntry> table_entries() const { return table_entries_; }
  void fail(const DiagnosticKind& kind) { asm_.fail(kind); }

  // Frame
  // The prologue is assembled by an object of its own when the body is done and the frame known:
  // the two ud2 are at these offsets of the body.
  void prologue(uint32_t frame_size, uint32_t exhausted_at);
  void charge_entry(uint32_t fuel, uint32_t exhausted_at);
  void charge_round(uint32_t fuel);
  void epilogue(uint32_t frame_size, uint32_t results_u32);
  emit::Label trap_label(Trap trap);
  uint32_t offset_of(emit::Label label) const { return asm_.offset_of(label); }

  // Moves. Flags are kept.
  void mov(Size size, Reg dst, Reg src);
  void mov(Size size, Reg dst, int64_t constant);
  void mov(FSize size, FReg dst, FReg src);
  void mov(FSize size, FReg dst, uint64_t bits);
  void load(Size size, Reg dst, uint32_t frame);
  void load(FSize size, FReg dst, uint32_t frame);
  void store(Size size, uint32_t frame, Reg src);
  void store(FSize size, uint32_t frame, FReg src);
  void store(Size size, uint32_t frame, int32_t constant);
  // Two slots from `frame` on become zero; kFScratch was made zero by zero_scratch().
  void zero_pair(uint32_t frame);
  void zero_scratch();
  // A shorter constant 0. Flags are lost.
  void zero(Reg dst);

  // Integers. A constant operand must be one that takes() says yes to.
  static bool takes(Size size, int64_t constant) {
    return size == Size::S32 || constant == static_cast<int32_t>(constant);
  }
  void alu(Alu op, Size size, Reg dst, Reg lhs, const Operand& rhs);
  void mul(Size size, Reg dst, Reg lhs, const Operand& rhs);
  // dst = base + (index << log2), log2 at most 3.
  void add_scaled(Size size, Reg dst, Reg base, Reg index, unsigned log2);
  void shift(Shift op, Size size, Reg dst, Reg lhs, unsigned count);
  // Whether a shift by a register may have its count anywhere. If not, it stands in kShiftCount and
  // dst is another.
  bool shift_is_flexible(Shift op) const;
  void shift(Shift op, Size size, Reg dst, Reg lhs, Reg count);
  void count(Count op, Size size, Reg dst, Reg src);
  struct DivFacts {
    bool may_be_zero = true, may_be_minus_one = true;
  };
  // kDividend by `divisor`, which is neither kDividend nor kRemainder; the result is in one of
  // them, both are lost.
  void divide(Div op, Size size, Reg divisor, DivFacts facts);
  void extend(Size size, unsigned from_bytes, Reg dst, Reg src);
  // The low half, also where dst is src.
  void narrow(Reg dst, Reg src);

  // Tests and what is made of them.
  void compare(Size size, Reg lhs, const Operand& rhs);
  void test(Size size, Reg lhs, const Operand& rhs);
  // For Eq and Ne alone: nothing at all where the last instruction left these flags.
  void test_zero(Size size, Reg r);
  // Only the F tests count afterwards. There is no "less": exchange the operands.
  void fcompare(FSize size, FReg lhs, const Operand& rhs);
  void set(Test test, Reg dst);
  // dst = test ? if_true : dst.
  void select(Test test, Size size, Reg dst, Reg if_true);
  void select(Test test, FSize size, FReg dst, FReg if_true);

  // Control
  Join new_join() { return {asm_.new_label()}; }
  void jump(Join& to);
  void branch(Test test, Join& to);
  void bind(Join& join);
  // The head of a loop: exactly `u32` is claimed of every round.
  void bind_loop(Join& join, uint32_t u32);
  void trap_if(Test test, Trap trap) { branch_to_trap(test, trap_label(trap)); }
  void trap(Trap trap);
  // Jumps to targets[kIndex], or to `otherwise` if there are fewer.
  void jump_table(std::span<Join* const> targets, Join& otherwise);

  // Calls. `result_u32`: result 0 is an i32.
  void call(uint32_t function, uint32_t params_u32, bool result_u32);
  void call_indirect(uint32_t table, uint32_t type_id, uint32_t params_u32, bool result_u32);
  void call(abi::Builtin builtin);

  // Floats
  void fbinary(FBinary op, FSize size, FReg dst, FReg lhs, const Operand& rhs);
  void funary(FUnary op, FSize size, FReg dst, FReg src);
  // dst is not rhs.
  void fmin(FSize size, FReg dst, FReg lhs, FReg rhs) { min_or_max(true, size, dst, lhs, rhs); }
  void fmax(FSize size, FReg dst, FReg lhs, FReg rhs) { min_or_max(false, size, dst, lhs, rhs); }
  void copysign(FSize size, FReg dst, FReg lhs, FReg sign);
  // dst is not src, nor lost before src is read.
  void truncate(Size to, bool is_signed, FSize from, Reg dst, FReg src);
  void truncate_saturating(Size to, bool is_signed, FSize from, Reg dst, FReg src);
  // src is lost if it is an unsigned 64-bit one.
  void convert(FSize to, Size from, bool is_signed, FReg dst, Reg src);
  void promote(FReg dst, FReg src);
  void demote(FReg dst, FReg src);
  void reinterpret(Size size, Reg dst, FReg src);
  void reinterpret(Size size, FReg dst, Reg src);

  // Linear memory [M1], defined in heap_inl.h. The address of index + offset: `scratch` takes the
  // sum if the offset is too large for a displacement.
  HeapAddress heap_address(Reg index, uint32_t offset, Reg scratch);
  static HeapAddress constant_address(uint32_t disp) { return {Reg::none, disp}; }
  void load(unsigned bytes, bool is_signed, Size size, Reg dst, HeapAddress from);
  void load(FSize size, FReg dst, HeapAddress from);
  void store(unsigned bytes, HeapAddress to, Reg src);
  void store(unsigned bytes, HeapAddress to, int32_t constant);
  void store(FSize size, HeapAddress to, FReg src);

  // Fields of the context.
  void load_context(Size size, Reg dst, uint32_t field);
  void load_context(FSize size, FReg dst, uint32_t field);
  void store_context(Size size, uint32_t field, Reg src);
  void store_context(FSize size, uint32_t field, FReg src);

  // For the compiler's own checks.
  uint32_t u32() const { return u32_; }
  void align_loop() { asm_.align(16, x64::Assembler::Fill::Nop); }

 private:
  x64::Mem heap(HeapAddress address);
  HeapAddress heap_sum(Reg index, uint32_t offset, Reg scratch);
  x64::Mem source(const Operand& operand);
  void wrote(Size size, Reg dst) { u32_ = size == Size::S32 ? u32_ | bit(dst) : u32_ & ~bit(dst); }
  void flags_of(Size size, Reg r) { flags_ = {asm_.offset(), r, size}; }
  void branch_to_trap(Test test, emit::Label label);
  void jcc(x64::Cond cond, Join& to);
  void flow_to(Join& to);
  void add_leader();
  void note_line();
  void call_made(bool result_u32);
  void min_or_max(bool min, FSize size, FReg dst, FReg lhs, FReg rhs);
  x64::Mem constant(FSize size, uint64_t bits);
  void check_range(Size to, bool is_signed, FSize from, FReg src);
  void truncate_u64(FSize from, Reg dst, FReg src);

  x64::Assembler asm_;
  ConstantPool* pool_ = nullptr;
  const abi::Target target_;
  uint32_t u32_ = 0;
  uint32_t wasm_offset_ = 0;
  bool dead_ = false;  // behind a jump
  bool keeps_lines_ = false;
  // Where the last arithmetic ended, whose flags say whether this register is zero.
  struct {
    uint32_t at = ~uint32_t{0};
    Reg reg = Reg::none;
    Size size = Size::S32;
  } flags_;
  ByteSpan code_;

  struct PendingTrap {
    emit::Label label;
    Trap trap;
    uint32_t wasm_offset;
  };
  Records<PendingTrap> pending_traps_;
  struct PendingForeign {
    Join foreign, back;
    uint32_t wasm_offset;
    bool result_u32;
  };
  Records<PendingForeign> pending_foreign_;
  struct PendingEntry {
    uint32_t rodata, table;
    emit::Label target;
  };
  Records<PendingEntry> pending_entries_;
  Records<TableEntry> table_entries_;
  Records<abi::Leader> leaders_;
  Records<abi::PackedTrapSite> trap_sites_;
  Records<abi::CallSite> call_sites_;
  Records<Line> lines_;
};

}  // namespace cordon::jit::masm
