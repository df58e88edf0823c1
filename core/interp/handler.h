// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How to write the handler of an instruction. Included by the families (numeric.cc, memory.cc,
// variables.cc, control.cc, calls.cc, bulk.cc) and by dispatch.cc.
//
// A handler is a function whose parameters are the interpreter's registers and which ends by
// jumping to the next handler with all of them (clang: musttail and preserve_none make them real
// registers and the jump one instruction; elsewhere it returns them to a loop):
//
//   ctx    fuel, the instance's index spaces, and rarely used state (context.h)
//   pc     opcode byte of the current instruction, in the module's own bytes
//     fp     local 0
//     sp     first free slot of the operand stack in memory
//     side   next entry of the side table
//     mem    base of memory 0
//     a, b, c   the top of the operand stack, see below
//     table  kDispatch, as one row
//     frame  the innermost frame
//
// The top of the operand stack is cached in registers, and how much of it is the handler's template
// argument kCached: each opcode has four handlers and the table four rows of 256.
//
//     0: all operands are in memory         2: b is the top, then a
//     1: a is the top, then memory          3: c is the top, then b, then a
//
// So a binary operation on a and b, or a push of a local, does not access memory. The state in
// which an instruction is reached is not known statically. i32 and f32 are in the low half of a
// slot; the upper half is zero.
//
// A slow path (a long LEB128, a trap, a call of the host) is a COLD handler of its own that the hot
// one jumps to, so that no hot handler needs a stack frame.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "core/interp/context.h"
#include "core/wasm/op.h"

#define CORDON_REGISTERS                                                                     \
  [[maybe_unused]] ::cordon::interp::Context *ctx, [[maybe_unused]] const uint8_t *pc,       \
      [[maybe_unused]] uint64_t *fp, [[maybe_unused]] uint64_t *sp,                          \
      [[maybe_unused]] const ::cordon::wasm::SideEntry *side, [[maybe_unused]] uint8_t *mem, \
      [[maybe_unused]] uint64_t a, [[maybe_unused]] uint64_t b, [[maybe_unused]] uint64_t c, \
      [[maybe_unused]] const ::cordon::interp::Handler *table,                               \
      [[maybe_unused]] ::cordon::interp::Frame *frame
#define CORDON_PASS ctx, pc, fp, sp, side, mem, a, b, c, table, frame

// Sanitized builds use the loop: the handlers they check are the same, and so the loop is tested.
#if defined(__clang__) && __clang_major__ >= 19 && defined(__x86_64__) && \
    !defined(CORDON_SANITIZED) && !defined(CORDON_PORTABLE_INTERPRETER)
#define CORDON_THREADED 1
#define CORDON_HANDLER_CALL __attribute__((preserve_none))
#else
#define CORDON_THREADED 0
#define CORDON_HANDLER_CALL
#endif

namespace cordon::interp {

#if CORDON_THREADED
struct Handler;
using Next = void;
using Function = CORDON_HANDLER_CALL Next(CORDON_REGISTERS);
// One cell of the dispatch table; a struct, so that a function type can name itself.
struct Handler {
  Function* run;
};
#define TAIL(...) [[clang::musttail]] return __VA_ARGS__(CORDON_PASS)
// Gives `name` an unspecified value, which the compiler need not compute.
#define ANYTHING(name) asm volatile("" : "=r"(name))
#define STOP() return
#else
struct Handler;
struct Next;
using Function = Next(CORDON_REGISTERS);
// One cell of the dispatch table; a struct, so that a function type can name itself.
struct Handler {
  Function* run;
};
// What a handler returns to the loop if there are no tail calls: the next handler, or null at the
// end of the run, with the interpreter's registers.
struct Next {
  Function* run;
  Context* ctx;
  const uint8_t* pc;
  uint64_t *fp, *sp;
  const wasm::SideEntry* side;
  uint8_t* mem;
  uint64_t a, b, c;
  const Handler* table;
  Frame* frame;
};
#define ANYTHING(name) static_cast<void>(name)
#define TAIL(...) \
  return ::cordon::interp::Next { &__VA_ARGS__, CORDON_PASS }
#define STOP() \
  return ::cordon::interp::Next { nullptr, CORDON_PASS }
#endif

// Each starts a cache line of its own: 5 to 8 % faster.
#define HANDLER(name) \
  CORDON_HANDLER_CALL __attribute__((aligned(64))) ::cordon::interp::Next name(CORDON_REGISTERS)
#define SLOW __attribute__((noinline))
#define COLD __attribute__((noinline, cold))

// With `cached` operands in registers, the remaining ones hold nothing of use, so a handler may use
// them itself.
#define FORGET(cached)                       \
  do {                                       \
    if constexpr ((cached) < 1) ANYTHING(a); \
    if constexpr ((cached) < 2) ANYTHING(b); \
    if constexpr ((cached) < 3) ANYTHING(c); \
  } while (false)

// Continues with the instruction `length` bytes on, with `cached` operands in registers.
#define DISPATCH(cached, length)                                     \
  do {                                                               \
    pc += (length);                                                  \
    FORGET(cached);                                                  \
    TAIL((*table[(cached) * ::cordon::interp::kOpcodes + *pc].run)); \
  } while (false)

// The same, but tests for the most likely successors first: a jump to a known place costs less than
// one through the table. With nothing cached a statement begins, three of four times with a local;
// with one operand, a second follows. A handler that is its own likely successor uses DISPATCH
// instead: clang turns the jump to itself into a loop and keeps values in registers that the other
// handlers need.
#define NEXT(cached, length)                                \
  do {                                                      \
    pc += (length);                                         \
    if constexpr ((cached) <= 1) LIKELY(local_get, cached); \
    if constexpr ((cached) == 1) LIKELY(i32_const, cached); \
    DISPATCH(cached, 0);                                    \
  } while (false)
#define LIKELY(ident, cached) JUMP_IF(ident, cached, ::cordon::interp::on::ident<(cached)>)
#define JUMP_IF(ident, cached, ...)                            \
  do {                                                         \
    if (::cordon::interp::is(::cordon::wasm::Op::ident, pc)) { \
      FORGET(cached);                                          \
      TAIL(__VA_ARGS__);                                       \
    }                                                          \
  } while (false)

inline constexpr unsigned kOpcodes = 256;
inline constexpr unsigned kStates = 4;

// The dispatch table: [cached operands][opcode byte].
extern const std::array<std::array<Handler, kOpcodes>, kStates> kDispatch;

// Opcodes that only the interpreter uses and no validated body contains; the frames at the bottom
// and where the instance changes return to them.
inline constexpr uint8_t kEnterOpcode = 0xf0;   // calls ctx->callee, the first of a run
inline constexpr uint8_t kLeaveOpcode = 0xf1;   // ends the run, its results at sp
inline constexpr uint8_t kReturnOpcode = 0xf2;  // returns to the instance of the next frame
// Opcodes from 0xf3 on are those that move vectors: core/runtime/vector_code.h.

#define INLINE __attribute__((always_inline)) inline

// How many operands are in registers after a pop from, or a push onto, a stack with `cached` of
// them in registers.
constexpr unsigned after_pop(unsigned cached) { return cached == 0 ? 0 : cached - 1; }
constexpr unsigned after_push(unsigned cached) {
  return cached == kStates - 1 ? cached : cached + 1;
}
constexpr unsigned after(unsigned cached, unsigned pops, unsigned pushes) {
  for (; pops != 0; --pops) cached = after_pop(cached);
  for (; pushes != 0; --pushes) cached = after_push(cached);
  return cached;
}

// Pops the top operand of a stack with kCached operands in registers; after_pop() of them remain.
// REQUIRES: there is an operand, which validation has proved.
template <unsigned kCached>
INLINE uint64_t pop(uint64_t*& sp, uint64_t a, uint64_t b, uint64_t c) {
  if constexpr (kCached == 3) return c;
  if constexpr (kCached == 2) return b;
  if constexpr (kCached == 1) return a;
  return *--sp;
}
// Pushes onto a stack with kCached operands in registers; then after_push() of them are. The frame
// has room in memory ([S1]).
template <unsigned kCached>
INLINE void push(uint64_t*& sp, uint64_t& a, uint64_t& b, uint64_t& c, uint64_t value) {
  if constexpr (kCached == 0) a = value;
  if constexpr (kCached == 1) b = value;
  if constexpr (kCached == 2) c = value;
  if constexpr (kCached == 3) {
    *sp++ = a;
    a = b;
    b = c;
    c = value;
  }
}
// Spills all operands to memory.
template <unsigned kCached>
INLINE void spill(uint64_t*& sp, uint64_t a, uint64_t b, uint64_t c) {
  if constexpr (kCached >= 1) *sp++ = a;
  if constexpr (kCached >= 2) *sp++ = b;
  if constexpr (kCached >= 3) *sp++ = c;
}

// Immediates. A LEB128 of one byte is read in place; hot handlers leave longer ones to a SLOW twin.
constexpr bool is_long(uint8_t leb_byte) { return (leb_byte & 0x80) != 0; }

// Whether the instruction at `at` is `op`, and has an immediate of one byte.
INLINE bool is(wasm::Op op, const uint8_t* at) { return *at == static_cast<uint8_t>(op); }
INLINE bool is_short(wasm::Op op, const uint8_t* at) { return is(op, at) && !is_long(at[1]); }

// The first byte after the LEB128 number at `at`.
INLINE const uint8_t* skip_leb(const uint8_t* at) {
  while (is_long(*at)) ++at;
  return at + 1;
}
// Validation has checked the range. Unrolled, because a loop's end is hard to predict.
INLINE uint32_t read_u32(const uint8_t*& at) {
  uint32_t value = *at & 0x7fu;
  if (!is_long(*at++)) return value;
  value |= (*at & 0x7fu) << 7;
  if (!is_long(*at++)) return value;
  value |= (*at & 0x7fu) << 14;
  if (!is_long(*at++)) return value;
  value |= (*at & 0x7fu) << 21;
  if (!is_long(*at++)) return value;
  return value | static_cast<uint32_t>(*at++) << 28;
}
// A LEB128 of two bytes. Bit 14 is set if there is a third byte, and the result is wrong then.
INLINE uint32_t read_two(const uint8_t* at) { return (at[0] & 0x7fu) | uint32_t{at[1]} << 7; }
// A signed LEB128 of one byte.
INLINE int32_t sign_extend7(uint8_t byte) { return static_cast<int8_t>(byte << 1) >> 1; }
template <class T>
INLINE T read_raw(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Ends the run with a trap at the instruction at pc: ctx->trap, or kTrap.
COLD HANDLER(raise_kept);
template <Trap kTrap>
COLD HANDLER(raise) {
  ctx->trap = kTrap;
  TAIL(raise_kept);
}

// Throws ctx->exception at the instruction at pc (exceptions.cc). The operands are spilled.
COLD HANDLER(unwind);

// One handler a row and state, in namespace `on` under the row's name. Each is defined in the file
// of its family and instantiated there by INSTANTIATE; a missing one does not link.
namespace on {
#define OP(code, ident, text, imm, feature, kind, effect) \
  template <unsigned kCached>                             \
  HANDLER(ident);
#define CORDON_SCALAR_ROWS
#include "core/wasm/opcodes.def"
template <unsigned kCached>
HANDLER(prefixed);
template <unsigned kCached>
HANDLER(vector);
HANDLER(enter);
template <unsigned kCached>
HANDLER(leave);
template <unsigned kCached>
HANDLER(return_to_instance);
HANDLER(enter_vectors);
#define VECTOR_MOVE(opcode, ident) \
  template <unsigned kCached>      \
  HANDLER(ident);
#include "core/interp/vector_moves.def"
}  // namespace on

#define INSTANTIATE(ident)    \
  template HANDLER(ident<0>); \
  template HANDLER(ident<1>); \
  template HANDLER(ident<2>); \
  template HANDLER(ident<3>);

}  // namespace cordon::interp
