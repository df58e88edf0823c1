// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pass: the one linear reading of all code of a blob. This half is the same for every machine:
// functions, leaders, edges, calls, sites, and the facts between two instructions. The machine's
// half derives from it and reads instructions. A method that checks returns false at the first
// broken rule, with at_ at its place. Nothing is allocated for an instruction.
#pragma once

#include <algorithm>
#include <span>

#include "core/verify/layout.h"
#include "core/verify/rules.h"

namespace cordon::verify {

class Pass {  // for one blob, once; blob and Layout outlive it
 public:
  virtual ~Pass() = default;
  // Whether all code keeps all rules.
  bool run();
  // The first rule broken, and the instruction that broke it. Only after run() returned false.
  const DiagnosticKind& broken() const { return *broken_; }
  uint64_t offset() const { return at_; }
  uint32_t function() const { return function_; }  // of the blob
  // Whether some call goes by the table of entries. Only after run() returned true.
  bool calls_ahead() const { return calls_ahead_; }

 protected:
  // The part out of line of a call_indirect, which goes on at `back`; nowhere, if it is a tail
  // call.
  struct Foreign {
    uint64_t at, back;
    RegSet result_u32;
    bool is_tail = false;
  };

  // `layout` has the functions of `blob` already.
  Pass(const Isa& isa, const Layout& layout, const abi::CodeBlob& blob);

  // The machine's half: each reads from at_ on, and leaves at_ after what it has read.
  virtual bool prologue() = 0;
  virtual bool block() = 0;  // up to block_end()
  // After the prologue of an entry at a loop: loads, and the jump to the loop.
  virtual bool load_state() = 0;
  virtual bool foreign_call(const Foreign& call) = 0;
  virtual bool traps(uint64_t at) const = 0;  // whether the instruction at `at` does nothing else

  bool refuse(const DiagnosticKind& rule) {
    broken_ = &rule;
    return false;
  }
  bool must(bool kept, const DiagnosticKind& rule) { return kept || refuse(rule); }
  // The offset of the next leader or entry at a loop, or else the function's end.
  uint64_t block_end() const { return std::min({next_leader_at_, next_loop_entry_at_, end_}); }
  // Moves on inside of a fixed sequence, where no leader may be.
  bool follow(uint64_t length);

  // Control goes to a leader; to a leader or a listed trap; to a listed trap (whether it does); by
  // a jump table, `table` bytes into the read-only data, to each of its leaders.
  bool edge(uint64_t target, RegSet u32);
  bool branch(uint64_t target) { return is_trap(target) || edge(target, u32_); }
  bool is_trap(uint64_t target) const;
  bool table_edges(int64_t table, uint64_t count, RegSet u32);
  // Control goes to a function of the code space; to the builtin whose address is `disp` bytes into
  // the context; to a function of this type, by way of `foreign` if it is another instance's. Each
  // comes back to `back`. And to the caller.
  bool direct_call(uint64_t target, uint64_t back);
  bool builtin_call(int64_t disp, uint64_t back);
  bool indirect_call(const TypeFacts& callee, uint64_t foreign, uint64_t back);
  bool returns();
  // Tail calls, which go without the frame: to a function of the code space; to one of this type,
  // or by way of `foreign`; to the import, or the function with a body, whose number is the last of
  // the constants.
  bool direct_tail_call(uint64_t target, bool is_frame_gone);
  bool indirect_tail_call(const TypeFacts& callee, uint64_t foreign);
  bool import_tail_call();
  bool own_tail_call();
  bool is_in_body_of_function(uint64_t target) const {
    return target - func_.offset - 1 < uint64_t{func_.size} - 1;
  }
  // [T1] The instruction here may trap; a call returns to `back`: the next site must be its own.
  bool take_trap_site(bool is_heap);
  bool take_call_site(uint64_t back);

  const Layout& layout_;
  const abi::CodeBlob& blob_;
  abi::BlobFunc func_{};
  const TypeFacts* type_ = nullptr;
  uint64_t at_ = 0, end_ = 0;
  uint32_t state_slots_ = 0;  // above the window, to be read: from a loop's entry to its jump
  // The facts at at_.
  bool reachable_ = false;
  RegSet u32_ = 0;  // registers whose upper half is zero
  Constants constants_;

 private:
  // The kind of each byte of the function. All from Leader on are leaders: one that some edge goes
  // to, and one that only a call_indirect may enter.
  enum class Place : uint8_t { Nothing, TrapSite, Leader, Entered, Foreign };
  static constexpr uint64_t kNever = ~uint64_t{0};

  bool gap(uint64_t from, uint64_t to);
  bool next_function();
  bool mark_places();
  bool mark_handlers();
  bool part();
  bool enter_leader();
  void await_leader();
  bool enter_at_loop();
  void await_loop_entry();
  void know_only(RegSet u32) {
    u32_ = u32;
    constants_ = {};
  }
  Place place(uint64_t target) const;
  bool call_made(const TypeFacts& callee, uint64_t back);
  const TypeFacts* own_callee();
  bool await_foreign(const Foreign& call);
  bool tail_call_made(const TypeFacts& callee);
  bool foreign();
  template <class Record>
  static uint64_t place_of(std::span<const Record> rest) {
    return rest.empty() ? kNever : rest[0].place();
  }
  bool rows_end(uint64_t last);
  bool is_in_body(uint32_t offset) const { return offset - body_.offset < body_.size; }
  bool refuse_at(uint64_t at, const DiagnosticKind& rule) {
    at_ = at;
    return refuse(rule);
  }

  const Isa& isa_;
  const DiagnosticKind* broken_ = nullptr;
  uint32_t function_ = 0;
  bool calls_ahead_ = false;
  wasm::ByteRange body_{};
  // The kind of each byte of the function, and the claims of each leader.
  std::vector<Place> places_;
  std::vector<RegSet> claims_;
  std::vector<Foreign> foreign_;  // in their order; those before next_foreign_ have been read
  size_t next_foreign_ = 0;
  uint64_t table_entries_ = 0;  // of all jump tables so far
  // The rows of each table that the code has not consumed yet.
  struct {
#define TABLE(name, Wire, Record, text, stray) std::span<const abi::Record> name;
#include "core/abi/blob_tables.def"
  } rest_;
  uint64_t next_leader_at_ = kNever, next_loop_entry_at_ = kNever;  // of the function
};

}  // namespace cordon::verify
