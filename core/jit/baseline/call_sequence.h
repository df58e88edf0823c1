// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CallSequence: the code around a call: operands go where the callee expects them, everything else
// leaves the registers, and results become operands. Only homes and slots survive a call.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>

#include "core/abi/vmctx.h"
#include "core/jit/baseline/operands.h"
#include "core/jit/code/call_shapes.h"

namespace cordon::jit::baseline {

// For one call after the other: begin(), place_arguments(), the call, push_results(); or all at
// once.
class CallSequence {
 public:
  // All outlive this.
  CallSequence(masm::MacroAssembler& masm, Locals& locals, Operands& operands)
      : masm_(masm), locals_(locals), operands_(operands) {}

  // The top `arguments` entries are about to be consumed; everything else must not be in a
  // register. A local that is read for the last time as an argument needs no home.
  void begin(uint32_t arguments);
  // A function of this type is called: its arguments, which are used up, and after the call its
  // results. `area`: where the slots that are passed in memory begin.
  void place_arguments(const wasm::FuncType& type, uint32_t area = 0);
  void push_results(const wasm::FuncType& type);

  // The whole call of import `func`.
  void call_import(uint32_t func, const wasm::FuncType& type);
  // The whole call of throw_new: the payload is used up, and control does not come back.
  void throw_new(uint32_t tag, std::span<const ValType> payload);
  // In slots from `place` in the frame on stand values of these types, which become operands.
  void push_copied(std::span<const ValType> types, uint32_t place);
  // The whole call of a builtin: its arguments are `indices`, then the top `operands` entries. Its
  // result, if it has one, is not a float.
  void call(abi::Builtin builtin, std::initializer_list<uint32_t> indices, uint32_t operands,
            std::optional<ValType> result = {});
  // The whole call for v128 global `index`, which builtins alone reach: pushes its value, or takes
  // the top entry.
  void get_vector(uint32_t index);
  void set_vector(uint32_t index);

 private:
  // The place where a value is needed.
  template <class R>
  struct Place {
    const Value* value;
    R to;
  };
  // All at once: values in registers first, then loads.
  template <class R>
  void put_all(std::span<const Place<R>> places);
  void copy_to_frame(uint32_t index, uint32_t place);
  void call_with_slots(abi::Builtin builtin, uint32_t index);
  template <class R>
  void spill_below(uint32_t count);
  void push_copied(ValType type, uint32_t place);
  void call_with_arguments(abi::Builtin builtin, uint32_t index,
                           std::span<const ValType> arguments);
  void end();

  masm::MacroAssembler& masm_;
  Locals& locals_;
  Operands& operands_;
  masm::Records<Place<Reg>> ints_;
  masm::Records<Place<FReg>> floats_;
};

}  // namespace cordon::jit::baseline
