// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// BodyGen: one valid, ending function body from the fuzzer's bytes. Used by module_gen.cc.
//
// It tracks the operand stack's types as validation would. An instruction takes existing operands
// if their types fit and generates the missing ones, so every row can be drawn at any time.
//
// Termination: each loop counts down a local of its own that nothing else writes, and each function
// that calls or loops first decrements a global budget of calls, and returns when it is zero.
// NaN: payloads of computed NaNs may differ between tiers (spec §4.3.3), so wherever one would
// become visible as an integer, in memory or by its sign, it is replaced by a canonical NaN. Lanes
// of a vector never keep one: an instruction that computes one is followed by the replacement.
#pragma once

#include <span>
#include <vector>

#include "fuzz/gen/choices.h"
#include "fuzz/gen/plan.h"
#include "fuzz/gen/rows.h"
#include "tests/kit/module_builder.h"

namespace cordon::fuzz {

class BodyGen {
 public:
  using Bytes = testing::WasmBytes;
  // `index` is that of a function of the module's own.
  BodyGen(const Plan& plan, Choices choices, uint32_t index);

  // The body as ModuleBuilder::func takes it, without the final `end`.
  void generate(Bytes& code, std::vector<testing::Locals>& locals);

 private:
  using ValType = wasm::ValType;
  using Types = std::span<const ValType>;

  struct Operand {
    ValType type;
    bool exact;  // its bits are the same in every tier, even those of a NaN
  };
  struct Label {
    std::vector<ValType> types;  // what a branch to it takes
    bool open = true;  // a loop without a guard at its head: only its own end branches to it
    // Labels of the encoding within it that no statement names: of a try_table and its handlers.
    uint32_t inner = 0;
    bool caught = false;  // a handler, from which the exception that it caught can be thrown again
    uint32_t exception = 0;  // the hidden local that it is in, in the standard's encoding
  };
  static constexpr size_t kMaxLabels = 8;
  static constexpr uint32_t kMaxTries = 3;

  void declare_locals();
  Bytes prologue() const;

  // Statements. A step is one instruction and what it needs.
  void statements();
  void step();
  void emit(const Row& row);
  void numeric(const Row& row);
  void access(const Row& row);
  void join(ValType type);
  void fixed(const Row& row);
  void immediates(wasm::Imm imm);
  uint64_t integer(unsigned bytes);
  wasm::V128 vector();
#define CONTROL(code, ident, text, imm, feature, kind, effect) void ident();
#include "core/wasm/opcodes.def"

  // Statements as C compilers write them; one method a row of idioms.def (body_idioms.cc).
#define IDIOM(name, weight) void name();
#include "fuzz/gen/idioms.def"
  void idiom();
  bool begin_idiom(uint32_t& local);
  int32_t small_address() { return static_cast<int32_t>(16 + 8 * choices_.below(12)); }
  void comparison();

  void table_slot(uint32_t slot);

  // Blocks.
  wasm::FuncType block_type(bool same_in_and_out, Bytes& encoded);
  void open(wasm::Op op, const wasm::FuncType& type, const Bytes& encoded, Label label);
  void close(const wasm::FuncType& type, uint32_t floor);
  void loop_header_guard(uint32_t counter);
  uint32_t pick_label();
  const Label& label(uint32_t depth) const { return labels_[labels_.size() - 1 - depth]; }
  // What an instruction names label(depth) by.
  uint32_t label_index(uint32_t depth) const;
  void branch(wasm::Op op, uint32_t depth) { indexed(op, label_index(depth)); }
  void die();

  // Exceptions: one statement in either encoding (body_exceptions.cc).
  struct Clause {
    bool all = false;
    uint32_t tag = 0;
    bool keeps = false;  // the exception, so that it can be thrown again
  };
  void attempt();
  void attempt_and_delegate(const wasm::FuncType& type, const Bytes& encoded);
  std::vector<Clause> clauses();
  void begin_attempt(const wasm::FuncType& type, const Bytes& encoded,
                     const std::vector<Clause>& clauses);
  void begin_handler(const std::vector<Clause>& clauses, size_t index);
  void handler_block(const Clause& clause);
  void throw_now(uint32_t tag);
  void throw_again();
  bool is_legacy() const { return plan_.exceptions == Exceptions::Legacy; }
  bool has_exnref() const { return plan_.exceptions == Exceptions::Standard && !plan_.twins; }

  // Operands.
  void need(Types types);
  void arguments(Types types);
  void produce(ValType type);
  void produce_number(ValType type);
  void produce_ref(ValType type);
  void constant(ValType type);
  void address();
  void tame(const Row& row);
  void canonical(ValType type);
  void canonical_lanes(uint8_t width);
  void discard();
  void digest();
  void settle(Types types);
  void push(ValType type, bool exact = false) { stack_.push_back({type, exact}); }
  // An instruction followed by an index, whose encoding may be longer than necessary.
  void indexed(wasm::Op op, uint32_t index);
  void index(uint32_t index);
  void pop(size_t count);
  size_t available() const { return stack_.size() - floor_; }
  bool covers(Types types, size_t count) const;

  bool hidden_global(uint32_t global) const {
    return global == plan_.budget_global || global == plan_.digest_global;
  }
  // The hidden local for vectors, if the module may have them, and those for exceptions.
  uint32_t hidden_vector() const;
  uint32_t hidden_exception(uint32_t tries) const;
  // A function, mostly one that does something.
  uint32_t pick_func();
  // The same for a reference to it, which may be stored in a table.
  uint32_t pick_seen_func();
  // One that gives what this one does.
  uint32_t pick_successor();
  // Whether there is a local (global) of `type` (that may be written), and its index.
  bool pick_local(ValType type, uint32_t& local);
  // Any local; often one that was read just before, so that results replace operands.
  uint32_t any_local();
  void read_local(uint32_t local);
  bool pick_global(ValType type, bool writable, uint32_t& global);
  uint32_t pick_table(ValType type);

  const Plan& plan_;
  Choices choices_;
  const uint32_t own_type_;  // its index
  const wasm::FuncType& type_;
  Bytes code_;
  std::vector<ValType> locals_;  // parameters first, without the hidden ones
  uint32_t recent_[2] = {};      // locals read last
  // First hidden local: kCounters i32, then one f32, f64, v128, then kMaxTries exnref.
  uint32_t hidden_ = 0;
  std::vector<Operand> stack_;
  std::vector<Label> labels_;  // outermost first
  size_t floor_ = 0;           // of stack_, the innermost block's
  bool dead_ = false;          // after an unconditional branch
  uint32_t loops_ = 0;         // open around this place
  uint32_t tries_ = 0;         // the same, handlers included
  uint32_t nesting_ = 0;       // of expressions
  uint32_t steps_ = 0;
  bool pays_ = false;     // calls or loops
  bool digests_ = false;  // its locals, at its end
};

}  // namespace cordon::fuzz
