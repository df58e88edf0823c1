// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiler: one function at a time from validated wasm to machine code, in one pass over its body.
// Validation has recorded what it must know in advance (func_uses.h). A visitor of decode_op: one
// method a row of opcodes.def, so a row without code does not link. It selects the instructions of
// the macro assembler for a row; its parts track where values are:
//
//   locals.h         registers and homes of locals
//   operands.h       the operand stack
//   blocks.h         labels, branches and joins
//   call_sequence.h  arguments and results
//   frame_layout.h, prologue.h   the code around the body
//
// The body is assembled first; then how large the frame is is known, and the prologue is assembled
// and put before it. Rows are in the file of their family: integer.cc, floats.cc, memory.cc,
// variables.cc, control.cc, calls.cc, exceptions.cc, references.cc; those that are half of all
// instructions in compiler.cc, beside the loop that they are inlined into.
#pragma once

#include "core/jit/baseline/blocks.h"
#include "core/jit/baseline/call_sequence.h"
#include "core/jit/baseline/loop_entries.h"
#include "core/jit/baseline/prologue.h"
#include "core/jit/code/call_shapes.h"
#include "core/jit/code/chunk.h"
#include "core/jit/masm/vectors.h"
#include "core/jit/tier.h"
#include "core/wasm/decode_op.h"

namespace cordon::jit::baseline {

class Compiler final : public FuncCompiler {
 public:
  // All outlive this.
  Compiler(const wasm::Module& module, const abi::ModulePlan& plan, const FuncOptions& options);

  void begin_chunk(Chunk& chunk) override;
  Result<void> compile(const wasm::ValidatedFunc& func) override;

 private:
  friend wasm::ValidatedOpReader;
  using Kind = Value::Kind;
  using Size = masm::Size;
  using FSize = masm::FSize;
  using Operand = masm::Operand;

#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const wasm::immediate::imm& operands);
#include "core/wasm/opcodes.def"

  // compiler.cc
  void assemble(const wasm::ValidatedFunc& func, uint32_t counted);
  void begin(const wasm::ValidatedFunc& func, uint32_t counted);
  uint32_t outgoing_slots(const wasm::FuncUses& uses) const;
  void body(const wasm::ValidatedFunc& func);
  void skip_dead_code(wasm::ValidatedOpReader& reader, wasm::ValidatedCursor& cursor);
  void finish_body(const wasm::FuncType& type);
  void return_results(const wasm::FuncType& type);

  // calls.cc
  bool is_reached(uint32_t func) const;

  // tail_calls.cc
  uint32_t place_tail_arguments(const wasm::FuncType& type);

  // integer.cc
  void finish_test(masm::Test test);
  void alu(masm::Alu op, ValType type);
  void add_scaled(ValType type, Value& base, Value& scaled);
  void mul(ValType type);
  void shift(masm::Shift op, ValType type);
  void shift_by_constant(masm::Shift op, ValType type, Value& value, unsigned count);
  void shift_by_fixed_register(masm::Shift op, ValType type, Value& left, Value& right);
  void divide(masm::Div op, ValType type);
  bool divide_by_power(bool is_rem, Value& left, const Value& right);
  void count(masm::Count op, ValType type);
  void compare(masm::Test test, ValType type);
  void eqz(ValType type);
  void extend(ValType type, unsigned bytes);

  // floats.cc
  void fbinary(masm::FBinary op, ValType type);
  void funary(masm::FUnary op, ValType type);
  void fcompare(masm::Test test, ValType type, bool exchange);
  void fminmax(bool min, ValType type);
  void copysign(ValType type);
  void truncate(ValType to, ValType from, bool is_signed, bool saturating);
  void convert(ValType to, ValType from, bool is_signed);
  void reinterpret(ValType to);

  // memory.cc
  masm::HeapAddress address(Value& value, uint32_t offset);
  template <ValType kType, unsigned kBytes, bool kSigned>
  void load(const wasm::immediate::MemArg& operands);
  template <ValType kType, unsigned kBytes>
  void store(const wasm::immediate::MemArg& operands);

  // vectors.cc; the temporaries of `emit` follow its operands
  using Vectors = masm::Vectors;
  void vector_binary(masm::VectorBinary op);
  template <class... T>
  void vector_unary(void (Vectors::*emit)(FReg, FReg, T...));
  template <class... T>
  void vector_pair(void (Vectors::*emit)(FReg, FReg, FReg, T...));
  template <class... T>
  void vector_triple(void (Vectors::*emit)(FReg, FReg, FReg, FReg, T...));
  template <class... T>
  void vector_test(masm::Test test, void (Vectors::*emit)(FReg, T...));
  void vector_bitmask(void (Vectors::*emit)(Reg, FReg));
  void vector_shift(masm::Shift op, masm::Lane lane);

  // vector_lanes.cc
  template <class Width>
  void vector_splat(Width width);
  void extract_lane(ValType type, masm::Lane lane, bool is_signed, unsigned index);
  void extract_lane(masm::FSize size, unsigned index);
  template <class Width>
  void replace_lane(Width width, unsigned index);
  void swizzle();
  template <class F>
  void vector_load(const wasm::immediate::MemArg& operands, F load);
  void load_lane(masm::Lane lane, const wasm::immediate::MemArgLane& operands);
  void store_lane(masm::Lane lane, const wasm::immediate::MemArgLane& operands);

  // exceptions.cc
  const std::vector<ValType>& payload_of(wasm::TagIdx tag) const;
  void thrown();

  // variables.cc
  void select_float(ValType type);
  void select_integer(ValType type);
  bool set_local(Local& l, Value& value);
  void get_host_global(uint32_t index, ValType type);
  void set_host_global(uint32_t index, ValType type);

  const wasm::Module& module_;
  const abi::ModulePlan& plan_;
  const FuncOptions& options_;
  const CallShapes shapes_;
  Chunk* chunk_ = nullptr;
  masm::MacroAssembler masm_;  // the body
  Vectors vectors_;            // its part for vectors
  Position position_;
  FrameLayout frame_;
  Locals locals_;
  Operands operands_;
  Blocks blocks_;
  CallSequence calls_;
  Prologue prologue_;
  LoopEntries loop_entries_;
};

}  // namespace cordon::jit::baseline
