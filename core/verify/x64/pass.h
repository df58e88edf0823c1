// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pass: the one linear reading of all code of a blob, for x86-64. Holds what is known between two
// instructions; every method that checks returns false at the first rule broken, and where. Nothing
// is allocated for an instruction; `places_` is as large as the largest function.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "core/verify/arguments.h"
#include "core/verify/layout.h"
#include "core/verify/rules.h"
#include "core/verify/x64/decode.h"

namespace cordon::verify::x64 {

class Pass {
 public:
  // `layout` has the functions of `blob` already.
  Pass(const Layout& layout, const abi::CodeBlob& blob);

  // Whether all code keeps all rules.
  bool run();
  // The first rule broken, and the instruction that broke it. Only after run() gave false.
  const DiagnosticKind& broken() const { return *broken_; }
  uint64_t offset() const { return at_; }
  uint32_t function() const { return function_; }  // of the blob

 private:
  // What stands at each byte of the function: 0, or a leader with its set of u32 registers, or
  // a ud2 that is a listed trap site. rsp, r14 and r15 are never in such a set: their bits are
  // free.
  static constexpr uint16_t kLeader = 1 << rsp;
  static constexpr uint16_t kEntered = 1 << r14;  // a leader that some edge goes to
  static constexpr uint16_t kForeign = 1 << r15;  // a leader that belongs to a call_indirect
  static constexpr uint16_t kUd2 = 1 << r15;      // without kLeader
  static constexpr uint16_t kFlags = kLeader | kEntered | kForeign;
  static constexpr uint64_t kNever = ~uint64_t{0};

  // The out-of-line part of a call_indirect that is still to come.
  struct Foreign {
    uint64_t at, back;
    uint32_t result_u32;
  };

  bool refuse(const DiagnosticKind& rule) {
    broken_ = &rule;
    return false;
  }
  bool must(bool kept, const DiagnosticKind& rule) { return kept || refuse(rule); }

  // Functions (pass.cc)
  bool gap(uint64_t from, uint64_t to);
  bool sites_end(uint64_t end);
  bool mark_leaders();
  void mark_ud2();
  bool function(uint32_t index);
  bool instruction();
  bool enter_leader();
  bool flow(const Insn& insn);
  void know_only(RegSet u32);
  void effects(const Insn& insn);
  void note_constants(const Insn& insn);
  void note_bound(const Insn& insn);

  // Reading (pass.cc). read() decodes at at_; advance() goes on to the next instruction of a
  // fixed sequence: no leader.
  bool read(Insn& insn);
  bool advance(Insn& insn);
  uint64_t next_trap_at() const { return traps_.empty() ? kNever : traps_[0].offset; }
  uint64_t next_call_at() const { return calls_.empty() ? kNever : calls_[0].return_offset; }
  bool take_trap_site(bool is_heap);
  bool stray_trap_site();
  bool take_call_site(uint64_t return_offset);
  bool wasm_offset_fits(uint32_t wasm_offset) const;

  // Memory operands (memory.cc)
  bool memory(const Insn& insn);
  bool heap(const Insn& insn);
  bool context(const Insn& insn);
  bool frame(const Insn& insn);
  bool rodata(const Insn& insn);
  bool lea(const Insn& insn);

  // Control flow (control.cc)
  uint16_t* place(uint64_t target);
  bool edge(uint64_t target, RegSet u32);
  bool branch(uint64_t target);
  bool to_ud2(const Insn& insn, unsigned cond);
  bool call_made(const TypeFacts& callee, uint64_t return_offset);
  bool builtin_call(const Insn& insn);
  bool returns();

  // Fixed sequences (sequences.cc). Each begins with `insn`, already read, and ends behind its
  // last.
  bool prologue();
  bool epilogue(Insn insn);
  bool fuel_charge(Insn insn);
  bool jump_table(Insn insn);
  bool call_indirect(Insn insn);
  bool indirect_callee(Insn& insn, const TypeFacts*& callee);
  bool foreign_call();

  const Layout& layout_;
  const abi::CodeBlob& blob_;
  const uint64_t rodata_;       // offset of the read-only data as the code sees it
  uint64_t table_entries_ = 0;  // of all jump tables so far
  const DiagnosticKind* broken_ = nullptr;
  std::vector<uint16_t> places_;
  std::vector<Foreign> foreign_;
  size_t next_foreign_ = 0;

  // The function.
  uint32_t function_ = 0;
  abi::BlobFunc func_{};
  const TypeFacts* type_ = nullptr;
  wasm::ByteRange body_{};
  uint64_t end_ = 0;

  // Where the pass stands.
  uint64_t at_ = 0;
  Insn insn_;  // instruction()'s own: made anew for each it would be zeroed each time
  // What is left of each table; of the leaders, the function's.
  std::span<const abi::Leader> leaders_;
  std::span<const abi::TrapSite> traps_;
  std::span<const abi::CallSite> calls_;
  uint64_t next_leader_at_ = kNever;
  bool reachable_ = false;
  RegSet u32_ = 0;  // registers whose upper half is zero
  // What the first registers of abi::kBuiltinParams hold, where it is a constant.
  std::array<std::optional<uint32_t>, 2> constants_;
  // A jump table's bound: r10d was compared with it right before the first, and is below it right
  // before the second.
  uint64_t compared_at_ = kNever, bounded_at_ = kNever;
  uint32_t bound_ = 0;
};

}  // namespace cordon::verify::x64
