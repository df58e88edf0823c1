// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/baseline/prologue.h"

#include "core/jit/baseline/operands.h"
#include "core/jit/baseline/parallel_moves.h"

namespace cordon::jit::baseline {

using abi::ParamPlace;
using masm::Size;

void Prologue::add_traps(masm::MacroAssembler& body) {
  stack_trap_ = body.trap_label(Trap::call_stack_exhausted);
  if (options_.fuel) fuel_trap_ = body.trap_label(Trap::fuel_exhausted);
}

bool Prologue::assemble(const wasm::ValidatedFunc& func, uint32_t params_u32,
                        const masm::MacroAssembler& body) {
  head_.begin(params_u32);
  head_.at(func.body().code.offset);
  head_.prologue(frame_.size(), body.offset_of(stack_trap_));
  if (options_.fuel) head_.charge_entry(func.entry_fuel(), body.offset_of(fuel_trap_));
  place_params(func.type());
  pin_params_on_stack(func.type());
  zero_locals(func.type().params.size());
  if ((entry_u32_ & ~head_.u32()) != 0) head_.fail(masm::diag::fact_missing);
  return head_.end();
}

// Homes first; then no register that holds a parameter is needed but those that move.
void Prologue::place_params(const wasm::FuncType& type) {
  ParallelMoves<Reg> ints;
  ParallelMoves<FReg> floats;
  abi::ParamPlaces places(type);
  for (uint32_t i = 0; i < type.params.size(); ++i) {
    const ParamPlace place = places.next(type.params[i]);
    const Local& l = locals_[i];
    if (l.use == Local::kNone) continue;
    if (place.kind == ParamPlace::Kind::Stack) {
      if (l.pinned()) continue;
      copy_slots(head_, l.type, frame_.incoming(place.index), l.home);
    } else if (place.kind == ParamPlace::Kind::Float) {
      const auto from = register_at<FReg>(place.index);
      if (l.pinned()) {
        floats.add(from, l.pin_reg<FReg>(), l.type);
      } else {
        head_.store(size_of<FReg>(l.type), l.home, from);
      }
    } else {
      const auto from = register_at<Reg>(place.index);
      if (l.pinned()) {
        ints.add(from, l.pin_reg<Reg>(), l.type);
      } else {
        head_.store(size_of<Reg>(l.type), l.home, from);
      }
    }
  }
  ints.emit(head_);
  floats.emit(head_);
}

void Prologue::pin_params_on_stack(const wasm::FuncType& type) {
  abi::ParamPlaces places(type);
  for (uint32_t i = 0; i < type.params.size(); ++i) {
    const ParamPlace place = places.next(type.params[i]);
    const Local& l = locals_[i];
    if (place.kind != ParamPlace::Kind::Stack || !l.pinned()) continue;
    with_class(l.type, [&]<class R>() {
      head_.load(size_of<R>(l.type), l.pin_reg<R>(), frame_.incoming(place.index));
    });
  }
}

void Prologue::zero_locals(size_t params) {
  for (const Pin& pin : locals_.pins()) {
    const Local& l = locals_[pin.local];
    if (pin.local < params || locals_.written_first(l)) continue;
    if (pin.floats) {
      head_.mov(masm::FSize::F64, l.pin_reg<FReg>(), uint64_t{0});
    } else {
      head_.zero(l.pin_reg<Reg>());
    }
  }
  constexpr uint32_t kPair = abi::slot_bytes(2);
  uint32_t at = frame_.zeroes_begin();
  const uint32_t end = frame_.zeroes_end();
  if (end - at >= kPair) head_.zero_scratch();
  for (; end - at >= kPair; at += kPair) head_.zero_pair(at);
  if (at != end) head_.store(Size::S64, at, int32_t{0});
}

}  // namespace cordon::jit::baseline
