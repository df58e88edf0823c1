// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Locals: where the current function's locals are. The hottest ones are pinned: each has a register
// for the whole function, besides its home in the frame. PinState has for each pinned local which
// of the two hold its value (neither: it is dead). A call preserves only homes, so changed locals
// are stored before it and loaded again when they are needed. At a join the state is what all
// branches have in common. The other locals are in their homes; a temporary may remember one until
// it is needed (register_file.h).
//
//   pins.cc     at the start of a function: which locals are pinned, and where homes are
//   locals.cc   in its body: loads, stores and joins
#pragma once

#include <span>
#include <vector>

#include "core/jit/baseline/frame_layout.h"
#include "core/jit/baseline/position.h"
#include "core/jit/baseline/register_file.h"
#include "core/jit/masm/masm.h"
#include "core/wasm/op.h"
#include "core/wasm/validated.h"

namespace cordon::jit::baseline {

// One local of the current function. Offsets in the frame are bytes.
struct Local {
  static constexpr uint8_t kNoPin = 0xFF;
  static constexpr uint32_t kNone = ~uint32_t{0};

  NarrowType type;
  uint8_t pin = kNoPin;         // bit of PinState
  uint8_t cache = kNoRegister;  // not pinned: a temporary that holds the value as well
  uint8_t reg = kNoRegister;    // pinned: where
  uint32_t use = kNone;         // of Locals::uses(); none if the local is never touched
  uint32_t home = kNone;        // in the frame; none if the local needs none
  uint32_t references = 0;      // entries of the operand stack that are this local

  // Whether `pin` and `reg` have a meaning.
  bool pinned() const { return pin != kNoPin; }
  // REQUIRES: pinned(), of the class R.
  template <class R>
  R pin_reg() const {
    return register_at<R>(reg);
  }
};

// One pinned local; its place in Locals::pins() is its bit in PinState.
struct Pin {
  uint32_t local;
  uint8_t reg;
  bool floats;         // the register's class
  uint32_t last_read;  // offset in the module
};

// Bit by pinned local: whether its register, and whether its home, holds the value.
struct PinState {
  uint32_t regs = 0, homes = 0;

  // Sets of pinned locals: those with a value anywhere, and those that have it in the same place in
  // both states.
  uint32_t alive() const { return regs | homes; }
  PinState common_with(PinState other) const { return {regs & other.regs, homes & other.homes}; }
  // The locals that are alive in both and have no place in common.
  uint32_t apart_from(PinState other) const {
    return alive() & other.alive() & ~common_with(other).alive();
  }
};

// For one function after the other. The table keeps its memory.
class Locals {
 public:
  // Both outlive this.
  Locals(masm::MacroAssembler& masm, const Position& position) : masm_(masm), position_(position) {}

  // Begins a function: its locals are declared and pinned, and their homes added to `frame`.
  // Registers of pinned locals are removed from `registers`. REQUIRES: func.uses() is not null.
  void begin(const wasm::Module& module, const wasm::ValidatedFunc& func, Registers& registers,
             FrameLayout& frame);

  // By the local's index. REQUIRES: a local of the function. References are valid until the next
  // begin().
  Local& operator[](uint32_t index) { return table_[index]; }
  const Local& operator[](uint32_t index) const { return table_[index]; }
  // REQUIRES: `l` is in this table.
  uint32_t index_of(const Local& l) const { return static_cast<uint32_t>(&l - table_.data()); }
  std::span<const Pin> pins() const { return pins_; }
  uint32_t count() const { return static_cast<uint32_t>(table_.size()); }
  // Those that the body touches.
  std::span<const wasm::LocalUse> used() const { return uses_.locals; }
  // Whether the body sets it before it reads it, on every path.
  bool written_first(const Local& l) const {
    return l.use != Local::kNone && uses_.locals[l.use].written_first;
  }
  // The pinned local of this type that the next instruction sets, if a result may be put there now;
  // else null.
  CORDON_INLINE const Local* landing(NarrowType type) const {
    const uint8_t* at = position_.next();
    const bool sets = *at == static_cast<uint8_t>(wasm::Op::local_set) ||
                      *at == static_cast<uint8_t>(wasm::Op::local_tee);
    return sets ? settable(at, type) : nullptr;
  }

  // Pinned locals
  const PinState& state() const { return state_; }
  bool in_register(const Local& l) const { return l.pinned() && (state_.regs >> l.pin & 1) != 0; }
  // REQUIRES: pinned. Loads it from its home unless it is in its register.
  void bring(const Local& l) {
    if (!in_register(l)) load(l.pin);
  }
  // It has a new value, which only its register holds.
  void was_set(const Local& l);
  // Whether some value is in a register alone.
  bool unsaved() const { return (state_.regs & ~state_.homes) != 0; }
  // Before a call: locals that are only in registers, and still read later, go to their homes.
  void save();
  // After a call: no value is in a register.
  void lose_registers() { state_.regs = 0; }
  // Pinned locals that are never read again lose their values. An entry of the stack that is this
  // local still needs it.
  void forget_dead();

  // Joins
  // Control comes here in this state.
  void enter(PinState state);
  // Loads and stores until the state implies `there`, which is the one at the head of a loop.
  void establish(PinState there);
  // Loads and stores until whatever is alive here and in `there` has a place in common; returns
  // what both imply.
  PinState agree_with(PinState there);
  // Loads and stores until the state is right for the head of a loop; returns what the head claims.
  PinState at_loop(const wasm::LoopUse& use);
  // Those of these pins' registers that hold an i32: bit by register.
  uint32_t u32_of(uint32_t pins) const;

 private:
  void declare(const wasm::Module& module, const wasm::ValidatedFunc& func);
  void find_hot(size_t params);
  void choose_pins(const wasm::FuncType& type, Registers& registers);
  template <class R>
  void pin(uint32_t local, R r, Registers& registers);
  void start_state(size_t params);
  void add_homes(size_t params, FrameLayout& frame);
  const Local* settable(const uint8_t* at, NarrowType type) const;
  void load(uint32_t p);
  void fill_dead(uint32_t p);
  void store(uint32_t p);

  masm::MacroAssembler& masm_;
  const Position& position_;
  wasm::FuncUses uses_;
  std::vector<Local> table_;
  std::vector<Pin> pins_;
  std::vector<wasm::LocalUse> hot_;
  PinState state_;
  uint32_t next_death_ = 0;  // offset after which some pinned local is dead that was not
};

}  // namespace cordon::jit::baseline
