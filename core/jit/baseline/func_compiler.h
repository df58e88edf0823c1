// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FuncCompiler: one function at a time from validated wasm to machine code, in one pass over its
// body. What it wants to know before, validation has noted (func_uses.h). A visitor of decode_op:
// one method a row of opcodes.def, so a row without code does not link. Where what is:
//
//   values.cc     the operand stack: registers, spilling, moves
//   locals.cc     homes and registers of locals, local.* and global.*
//   control.cc    blocks, branches, joins
//   calls.cc      calls, builtins, the instructions that are builtins
//   integer.cc, floats.cc, memory.cc   the rest of the rows
//   func_compiler.cc   begin, end, prologue
//
// Locals. The hottest ones are pinned: each has a register for the whole function, beside its home
// in the frame. State says of each pinned local which of the two hold its value (none: it is dead).
// A call leaves only homes, so what changed is stored before it and read again when it is needed.
// At a join the state is what all branches have in common. The other locals live in their homes; a
// temporary may remember one until it is needed.
//
// Operands. Values are wherever they came to be (value.h) until an instruction wants them. At the
// start of a block all entries move to their slots. A block's result is in the result register if
// it is one, else results are in their slots, and so are parameters of loops.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "core/abi/convention.h"
#include "core/abi/module_plan.h"
#include "core/abi/target.h"
#include "core/jit/baseline/call_shapes.h"
#include "core/jit/baseline/chunk.h"
#include "core/jit/baseline/value.h"
#include "core/jit/baseline/value_stack.h"
#include "core/wasm/decode_op.h"
#include "core/wasm/validated.h"

namespace cordon::jit {

struct FuncOptions {
  abi::Target target;
  bool fuel = false;
  bool lines = false;  // fill Chunk::lines
};

class FuncCompiler {
 public:
  // All outlive this.
  FuncCompiler(const wasm::Module& module, const abi::ModulePlan& plan, const FuncOptions& options);

  // Where the functions from now on go.
  void begin_chunk(Chunk& chunk);

  // Appends the function's code to the chunk.
  Result<void> compile(const wasm::ValidatedFunc& func);

 private:
  friend wasm::ValidatedOpReader;
  using Kind = Value::Kind;
  using Reg = masm::Reg;
  using FReg = masm::FReg;
  using Size = masm::Size;
  using FSize = masm::FSize;
  using Operand = masm::Operand;

#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const wasm::immediate::imm& operands);
#include "core/wasm/opcodes.def"

  static constexpr uint8_t kNoPin = 0xFF;
  static constexpr uint32_t kNone = ~uint32_t{0};
  // Beyond this height an entry is loaded at once, so that materialize() never has far to look.
  static constexpr size_t kLazyHeight = 128;

  struct Local {
    ValType type;
    uint8_t pin = kNoPin;     // bit of State
    uint8_t cache = 0xFF;     // not pinned: a temporary that holds the value as well
    uint8_t reg = 0xFF;       // pinned: where
    uint32_t use = kNone;     // of uses_.locals; none if the local is never touched
    uint32_t home = kNone;    // in the frame; none if the local is never touched
    uint32_t references = 0;  // entries of the operand stack that are this local
  };
  struct Pin {
    uint32_t local;
    uint8_t reg;
    bool floating;
    uint32_t last_read;
  };
  // Bit by pinned local: whether its register, and whether its home, holds the value.
  struct State {
    uint32_t regs = 0, homes = 0;
  };
  enum class BlockKind : uint8_t { Body, Block, Loop, If, Else };
  struct Block {
    BlockKind kind;
    bool has_state = false;  // `state` is that of branches to `join`
    uint32_t stub = kNone;   // of a br_table under way
    uint32_t height = 0;     // of the operand stack below its parameters
    std::span<const ValType> params = {}, results = {};
    masm::Join join = {}, otherwise = {};  // where branches go; If: where the condition is zero
    State state = {}, otherwise_state = {};

    std::span<const ValType> label() const { return kind == BlockKind::Loop ? params : results; }
  };

  struct Stub {
    masm::Join join;
    Block* target;
  };

  // func_compiler.cc
  void begin(const wasm::ValidatedFunc& func);
  uint32_t outgoing_slots() const;
  bool written_first(const Local& l) const {
    return l.use != kNone && uses_.locals[l.use].written_first;
  }
  void lay_out();
  void choose_pins();
  void pin(uint32_t local, uint8_t reg, bool floating);
  void body(const wasm::ValidatedFunc& func);
  void skip_dead_code(wasm::ValidatedOpReader& reader);
  void finish_body();
  void prologue(const wasm::ValidatedFunc& func);
  void place_params();
  void zero_locals();
  void append(const wasm::ValidatedFunc& func);
  uint32_t entry_u32() const;
  uint32_t frame_size() const {
    const uint32_t needed = operands_at_ + 8 * slots_;
    return counted_frame_ != 0 ? counted_frame_ : needed;
  }

  // values.cc
  CORDON_INLINE void push(const Value& value) { stack_.push_back(value); }
  void push_reg(ValType type, Reg r);
  void push_freg(ValType type, FReg r);
  void push_const(ValType type, uint64_t bits);
  void push_test(masm::Test test);
  Value& pop();
  void release(Value& value);
  Reg alloc();
  uint32_t free_one();
  FReg falloc();
  Reg alloc_exactly(Reg r);
  void evict(Reg r);
  void evict(FReg r);
  void spill(uint32_t index);
  void spill_below(uint32_t count);
  void drop_to(uint32_t height);
  Reg in_reg(Value& value);
  Reg brought_in(Value& value);
  FReg in_freg(Value& value);
  Reg own(Value& value);
  FReg fown(Value& value);
  void to_reg(const Value& value, Reg dst);
  void to_freg(const Value& value, FReg dst);
  Operand operand(Value& value);
  Operand foperand(Value& value);
  void store_value(Value& value, uint32_t frame);
  uint32_t slot(uint32_t index);
  Reg result_reg(ValType type, Value* reusable, Value* other = nullptr);
  FReg result_freg(ValType type, Value* reusable);
  void push_result(ValType type, Reg r);
  void push_fresult(ValType type, FReg r);
  void lock(Reg r) { ++locks_[number(r)], locked_ |= bit(r); }
  void unlock(Reg r) {
    if (--locks_[number(r)] == 0) locked_ &= ~bit(r);
  }
  void lock(FReg r) { ++flocks_[number(r)], flocked_ |= bit(r); }
  void unlock(FReg r) {
    if (--flocks_[number(r)] == 0) flocked_ &= ~bit(r);
  }
  void own_by(Reg r, uint32_t index) { owner_[number(r)] = index, owned_ |= bit(r); }
  void own_by(FReg r, uint32_t index) { fowner_[number(r)] = index, fowned_ |= bit(r); }
  void constant_to(Reg r, ValType type, uint64_t bits);

  // locals.cc
  Local& local(uint32_t index) { return locals_[index]; }
  uint32_t pin_bit(const Local& l) const { return uint32_t{1} << l.pin; }
  Reg pin_reg(const Local& l) const { return masm::reg(l.reg); }
  FReg pin_freg(const Local& l) const { return masm::freg(l.reg); }
  void push_loaded(uint32_t index);
  void load_pin(uint32_t p);
  void fill_dead_pin(uint32_t p);
  void store_pin(uint32_t p);
  void forget_dead_pins();
  void materialize(uint32_t index);
  void set_local(uint32_t index, bool keep);
  void forget_cache(Reg r);
  void forget_cache(FReg r);
  void forget_caches();
  void remember(uint32_t index, uint8_t reg);
  // The pinned local of this type that the next instruction sets, if a result may be put there now.
  Local* target_local(ValType type);
  Local* settable_local(const uint8_t* at, ValType type);

  // control.cc
  Block& open(BlockKind kind, const wasm::BlockType& type);
  void meet(Block& target);
  void to_label(Block& target);
  bool label_in_slots(const Block& target) const {
    return target.kind == BlockKind::Loop || target.label().size() != 1;
  }
  void flush(uint32_t height);
  void to_slot(uint32_t index);
  void values_to_slots(uint32_t count, uint32_t height);
  void copy_slots(uint32_t count, uint32_t from, uint32_t to);
  void jump(masm::Join& otherwise);
  void table_by_stubs(const wasm::immediate::LabelTable& operands, uint32_t count);
  void push_slots(std::span<const ValType> types);
  void push_label_values(const Block& block);
  void enter_state(State state);
  void branch_to(Block& target);
  Block& target_of(wasm::LabelIdx label) { return blocks_[blocks_.size() - 1 - label.value]; }
  masm::Test pop_test();
  uint8_t next_byte() const { return *cursor_->position(); }
  void leave();
  void end_if(Block& block);

  // calls.cc
  struct Move {
    const Value* from;
    uint8_t to;
  };
  void call_done(const wasm::FuncType& type, const CallShape& shape);
  void place_arguments(const wasm::FuncType& type);
  template <bool kFloat>
  void move_all(masm::MacroAssembler& to, std::span<const Move> moves);
  uint8_t register_of(const Value& value) const;
  void entry_to_frame(uint32_t index, uint32_t frame);
  void exchange_top();
  void call_import(uint32_t func, const wasm::FuncType& type);
  void before_call(uint32_t arguments);
  void after_call();
  void builtin(abi::Builtin builtin, std::span<const Value> leading, uint32_t operands,
               std::span<const ValType> result);

  // integer.cc, floats.cc, memory.cc
  void alu(masm::Alu op, ValType type);
  void mul(ValType type);
  void shift(masm::Shift op, ValType type);
  void divide(masm::Div op, ValType type);
  bool divide_by_power(bool is_rem, Value& left, const Value& right);
  Reg place_divisor(Value& right);
  void place_dividend(Value& left);
  void count(masm::Count op, ValType type);
  void compare(masm::Test test, ValType type);
  void eqz(ValType type);
  void extend(ValType type, unsigned bytes);
  void fbinary(masm::FBinary op, ValType type);
  void funary(masm::FUnary op, ValType type);
  void fcompare(masm::Test test, ValType type, bool exchange);
  void fminmax(bool min, ValType type);
  void copysign(ValType type);
  void truncate(ValType to, ValType from, bool is_signed, bool saturating);
  void convert(ValType to, ValType from, bool is_signed);
  void finish_test(masm::Test test);
  void reinterpret(ValType to);
  masm::HeapAddress address(Value& value, uint32_t offset);
  template <ValType kType, unsigned kBytes, bool kSigned>
  void load(const wasm::immediate::MemArg& operands);
  template <ValType kType, unsigned kBytes>
  void store(const wasm::immediate::MemArg& operands);
  void do_select();
  template <class Fold>
  bool folds(ValType type, Fold fold);

  const wasm::Module& module_;
  const abi::ModulePlan& plan_;
  const FuncOptions& options_;
  Chunk* chunk_ = nullptr;
  const CallShapes shapes_;
  wasm::FuncUses uses_;
  masm::MacroAssembler masm_, head_;  // the body; the prologue

  const wasm::FuncType* type_ = nullptr;
  wasm::ValidatedCursor* cursor_ = nullptr;
  uint32_t op_offset_ = 0;
  uint32_t loop_ = 0;  // number of the next loop
  bool dead_ = false;
  bool flags_busy_ = false;  // a Test is on the stack: only moves until it is used

  ValueStack stack_;
  uint32_t flushed_ = 0;  // entries below are slots or constants
  std::vector<Block> blocks_;
  std::vector<Local> locals_;
  std::vector<Pin> pins_;
  masm::Records<Move> moves_, fmoves_;
  std::vector<Value> incoming_;  // parameters, where they come in
  std::vector<wasm::LocalUse> hot_;
  std::vector<Stub> stubs_;
  std::vector<masm::Join*> jump_targets_;
  State state_;
  uint32_t next_death_ = 0;  // offset behind which some pinned local is dead that was not

  // Temporaries, and who has them: an entry of the stack, an operation under way, or a memory of a
  // local.
  uint32_t temps_ = 0, ftemps_ = 0;
  uint32_t owned_ = 0, fowned_ = 0, locked_ = 0, flocked_ = 0, cached_ = 0, fcached_ = 0;
  std::array<uint32_t, 16> owner_{}, fowner_{}, cache_{}, fcache_{};
  std::array<uint8_t, 16> locks_{}, flocks_{};

  uint32_t homes_at_ = 0, zeroed_to_ = 0, operands_at_ = 0;  // layout of the frame
  uint32_t counted_frame_ = 0;  // its size, where that must be the same in every engine [D1]
  uint32_t slots_ = 0;          // of operands, so far
  uint32_t entry_u32_ = 0;      // what the body takes for given
  emit::Label stack_trap_, fuel_trap_;
};

}  // namespace cordon::jit
