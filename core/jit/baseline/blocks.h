// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks: the open blocks, their labels, and the code before a branch that establishes what holds
// at its target. At a label no register has a meaning except those of pinned locals (locals.h), and
// the result register if the label takes one value and is not a loop's; all other values are in
// their slots. A branch is prepared by stores and loads before it, which keep the flags and are
// harmless if it is not taken.
#pragma once

#include <span>
#include <vector>

#include "core/jit/baseline/operands.h"
#include "core/wasm/control_stack.h"

namespace cordon::jit::baseline {

// For one function after the other: begin(), the rows of its body, finish().
class Blocks {
 public:
  // All outlive this.
  Blocks(const wasm::Module& module, masm::MacroAssembler& masm, Locals& locals, Operands& operands)
      : module_(module), masm_(masm), locals_(locals), operands_(operands) {}

  // A function of this type begins, which is the outermost block; `loops` are its loops in the
  // order of their opcodes. What legacy blocks have caught is kept from `caught_at` in the frame
  // on.
  void begin(const wasm::FuncType& type, std::span<const wasm::LoopUse> loops, uint32_t caught_at);
  // Called after its last instruction. Whether the code after the body is reached, with the results
  // where a label of the body expects them.
  bool finish();

  // Whether the following instructions are unreachable.
  bool dead() const { return dead_; }
  void leave() { dead_ = true; }
  // The unreachable code has ended, with `loops` loops in it: `else` or `end` of the innermost
  // block is next.
  void skip(uint32_t loops);

  // The rows `block`, `loop`, `if`, `else` and `end` (spec §3.3.8). open_loop() returns what the
  // loop touches; the reference is valid until the next begin().
  void open_block(const wasm::BlockType& type);
  const wasm::LoopUse& open_loop(const wasm::BlockType& type);
  // The head of the loop that was opened last; and whether it is inside of a legacy catch.
  const masm::Join& loop_head() { return blocks_.innermost().join; }
  bool catches() const { return catches_ != 0; }
  void open_if(const wasm::BlockType& type);
  void start_else();
  void end();

  // catching.cc: the rows `try_table`, `try`, `catch` and `catch_all`, at `at` in the module. The
  // payload of what was caught is at the bottom of the frame after start_catch().
  void open_try_table(const wasm::immediate::TryTable& operands, uint32_t at);
  void open_try(const wasm::BlockType& type);
  void start_catch(wasm::BlockKind kind, std::span<const ValType> payload, uint32_t at);
  // Where in the frame the exception is that the block of the label has caught.
  uint32_t caught_by(wasm::LabelIdx label) { return caught_at_ + blocks_[label].caught; }
  // After the body: the ways from what has caught to the labels of clauses.
  void bind_handlers(Position& position);

  // The rows `br`, `br_if`, `br_table` and `return`, whose label is that of the body.
  void branch(wasm::LabelIdx label) { branch_to(blocks_[label]); }
  void branch_if(wasm::LabelIdx label);
  void branch_by_table(const wasm::immediate::LabelTable& labels);
  void branch_to_end() { branch_to(blocks_.body()); }

 private:
  using Kind = wasm::BlockKind;
  static constexpr uint32_t kNone = ~uint32_t{0};

  struct Block : wasm::ControlFrame {
    bool has_state = false;                // `state` is that of branches to `join`
    uint32_t stub = kNone;                 // of a br_table under way
    uint32_t height = 0;                   // of the operand stack below its parameters
    masm::Join join = {}, otherwise = {};  // where branches go; If: where the condition is zero
    PinState state = {}, otherwise_state = {};
    // Try and its catches: pins that had a value where it began; Catch and CatchAll: where the
    // exception is kept, in bytes from the first one of the function.
    uint32_t alive = 0, caught = 0;

    uint32_t label_size() const { return static_cast<uint32_t>(label().size()); }
    bool label_in_slots() const { return kind == Kind::Loop || label().size() != 1; }
  };
  // The way to one target of a br_table: each expects the values at other places.
  struct Stub {
    masm::Join join;
    Block* target;
  };

  // The way from clause `clause` of the try_table at `at`, which has caught, to its label.
  struct Way {
    uint32_t at, clause;
    const wasm::immediate::Catch catches;
    uint32_t alive;   // pins whose homes hold their values
    PinState state;   // of the label
    masm::Join join;  // the same
    bool in_slots;    // what the label takes stands from `values` in the frame on
    uint32_t values;
  };
  std::vector<ValType> given_by(const wasm::immediate::Catch& clause) const;
  void add_way(const wasm::immediate::Catch& clause, uint32_t number, uint32_t at);
  uint32_t slots_of_label(const Block& block);
  void go_way(Way& way);

  Block& open(Kind kind, const wasm::BlockType& type);
  void end_if(Block& block);
  // Ends the innermost block's part that the code is in, before another of its parts begins: what
  // reaches the end goes to the label. Returns the block, whose operands are gone.
  Block& end_part();
  void enter(PinState state);
  void meet(Block& target);
  void to_label(Block& target);
  void push_label_values(const Block& block);
  void to_slots(uint32_t count, uint32_t height);
  void copy_entries(uint32_t count, uint32_t from, uint32_t to);
  void branch_to(Block& target);
  void jump(masm::Join& otherwise);
  void jump_by_stubs(const wasm::immediate::LabelTable& labels, uint32_t count);

  const wasm::Module& module_;
  masm::MacroAssembler& masm_;
  Locals& locals_;
  Operands& operands_;
  wasm::ControlStack<Block> blocks_;
  std::span<const wasm::LoopUse> loops_;  // still to come
  bool dead_ = false;
  std::vector<Stub> stubs_;
  std::vector<masm::Join*> jump_targets_;
  uint32_t caught_at_ = 0, catches_ = 0;  // of the latter are open
  std::vector<Way> ways_;                 // in the order of their instructions and clauses
};

}  // namespace cordon::jit::baseline
