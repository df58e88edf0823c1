// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Masm: the functions that a machine's macro assembler offers to compilers, with their contracts.
// Bookkeeping is not required here: all derive from it (bookkeeping.h).
//
// A macro assembler tracks the facts of docs/generated-code.md itself. Code that would break its
// rules (a heap index that is not u32, a join that claims too much) fails the compile, like any
// failure of the assembler ([E1]), so a mistake of a compiler gives no code at all.
//
// kScratch and kFScratch may be lost in any operation. `dst` may be any operand's register unless
// noted otherwise. Moves, loads and stores keep the flags, so they may come between a test and its
// use; nothing else does.
#pragma once

#include <concepts>
#include <span>

#include "core/abi/target.h"
#include "core/abi/traps.h"
#include "core/abi/vmctx.h"
#include "core/jit/masm/operand.h"

namespace cordon::jit::masm {

template <class M>
concept FrameMasm = requires(M m, uint32_t n) {
  requires std::constructible_from<M, abi::Target>;
  // The prologue is assembled by an object of its own when the body is complete and the frame
  // known: prologue(frame size, ...), charge_entry(fuel, ...), with the offsets in the body of
  // their traps.
  m.prologue(n, n);
  // The same within the body, at a loop's entry; the trap is one of the body's.
  m.prologue(n, emit::Label{});
  m.charge_entry(n, n);
  m.charge_round(n);
  // epilogue(frame size, facts of the result registers)
  m.epilogue(n, n);
  // Completes the function's code except its prologue: out-of-line parts, and the targets of all
  // branches to traps. False if the compile failed.
  { m.end() } -> std::same_as<bool>;
  m.align_loop();
};

// Flags are kept. `frame` is a distance from the stack pointer.
template <class M>
concept MoveMasm = requires(M m, Size size, FSize fsize, Reg r, FReg f, uint32_t frame) {
  m.mov(size, r, r);           // dst, src
  m.mov(size, r, int64_t{0});  // dst, constant
  m.mov(fsize, f, f);
  m.mov(fsize, f, uint64_t{0});  // dst, bits
  m.load(size, r, frame);
  m.load(fsize, f, frame);
  m.store(size, frame, r);
  m.store(fsize, frame, f);
  m.store(size, frame, int32_t{0});  // of a constant, extended with its sign
  // Two slots from `frame` on become zero; kFScratch was made zero by zero_scratch().
  m.zero_pair(frame);
  m.zero_scratch();
  // A shorter constant 0. Flags are lost.
  m.zero(r);
};

template <class M>
concept IntegerMasm = requires(M m, Size size, Reg dst, Reg lhs, const Operand& rhs, unsigned n) {
  // Whether a constant may be the operand of alu, mul, compare and test.
  { M::takes(size, int64_t{0}) } -> std::same_as<bool>;
  m.alu(Alu{}, size, dst, lhs, rhs);
  m.mul(size, dst, lhs, rhs);
  m.add_scaled(size, dst, lhs, lhs, n);  // dst = base + (index << n), n at most 3
  m.shift(Shift{}, size, dst, lhs, n);
  // Whether a shift by a register may have its count in any register. If not, it is in kShiftCount
  // and dst is another.
  { m.shift_is_flexible(Shift{}) } -> std::same_as<bool>;
  m.shift(Shift{}, size, dst, lhs, Reg{});
  m.count(Count{}, size, dst, lhs);
  // divide(op, size, divisor, facts): kDividend by the divisor, which is neither kDividend nor
  // kRemainder; the result is in one of them, both are lost.
  m.divide(Div{}, size, lhs, DivFacts{});
  m.extend(size, n, dst, lhs);  // from n bytes, with the sign
  m.narrow(dst, lhs);           // the low half, also where dst is lhs
};

template <class M>
concept TestMasm = requires(M m, Size size, FSize fsize, Reg r, FReg f, const Operand& rhs) {
  m.compare(size, r, rhs);
  m.test(size, r, rhs);  // the bits that both have
  // For Eq and Ne alone: emits nothing if the previous instruction left these flags.
  m.test_zero(size, r);
  // Only the F tests count afterwards. There is no "less": exchange the operands.
  m.fcompare(fsize, f, rhs);
  m.set(Test{}, r);
  // select(test, size, dst, if_true): dst = test ? if_true : dst
  m.select(Test{}, size, r, r);
  m.select(Test{}, fsize, f, f);
};

template <class M>
concept ControlMasm = requires(M m, Join& join, std::span<Join* const> joins, uint32_t n, bool b) {
  m.jump(join);
  m.branch(Test{}, join);
  m.trap(Trap{});
  m.trap_if(Test{}, Trap{});
  // Jumps to joins[kIndex], or to the other join if there are fewer.
  m.jump_table(joins, join);
  // call(function, facts of the parameters' registers, whether result 0 is an i32). `function` is
  // of the module's index space. For an indirect one the offsets of the table and of the type's id
  // in the context come first, and the index is in kIndex.
  m.call(n, n, b);
  m.call_indirect(n, n, n, b);
  // The same by way of the runtime, which looks up what to run.
  m.call_own(n, n, b);
  m.call(abi::Builtin{});
  // The same instead of this function, whose frame of so many bytes is given back first:
  // return_call(function, facts, frame size); an imported one apart, and one by way of the
  // runtime. Nothing follows.
  m.return_call(n, n, n);
  m.return_call_import(n, n, n);
  m.return_call_own(n, n, n);
  m.return_call_indirect(n, n, n, n);
};

template <class M>
concept FloatMasm = requires(M m, Size size, FSize fsize, Reg r, FReg f, const Operand& o, bool b) {
  m.fbinary(FBinary{}, fsize, f, f, o);
  m.funary(FUnary{}, fsize, f, f);
  // dst is not the second operand.
  m.fmin(fsize, f, f, f);
  m.fmax(fsize, f, f, f);
  m.copysign(fsize, f, f, f);  // dst, of which the magnitude, of which the sign
  // truncate(to, is signed, from, dst, src): traps if there is no such integer.
  m.truncate(size, b, fsize, r, f);
  m.truncate_saturating(size, b, fsize, r, f);
  // convert(to, from, is signed, dst, src): src is lost if it is an unsigned 64-bit one.
  m.convert(fsize, size, b, f, r);
  m.promote(f, f);
  m.demote(f, f);
  m.reinterpret(size, r, f);
  m.reinterpret(size, f, r);
};

// Linear memory [M1], whose accesses are trap sites, and fields of the instance context.
template <class M>
concept MemoryMasm = requires(M m, Size size, FSize fsize, Reg r, FReg f, uint32_t n, bool b) {
  // The address of index + offset: the last register takes the sum if the offset is too large for a
  // displacement.
  { m.heap_address(r, n, r) } -> std::same_as<HeapAddress>;
  { M::constant_address(n) } -> std::same_as<HeapAddress>;
  m.load(n, b, size, r, HeapAddress{});  // so many bytes, with the sign or zeroes above them
  m.load(fsize, f, HeapAddress{});
  m.store(n, HeapAddress{}, r);
  m.store(n, HeapAddress{}, int32_t{0});
  m.store(fsize, HeapAddress{}, f);
  m.load_context(size, r, n);
  m.load_context(fsize, f, n);
  m.store_context(size, n, r);
  m.store_context(fsize, n, f);
};

template <class M>
concept Masm = FrameMasm<M> && MoveMasm<M> && IntegerMasm<M> && TestMasm<M> && ControlMasm<M> &&
               FloatMasm<M> && MemoryMasm<M>;

}  // namespace cordon::jit::masm
