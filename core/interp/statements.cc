// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of local.get and global.get, which with nothing cached begin a statement. Unoptimized C
// has few ways to begin one, and these are recognized and executed at once. Elsewhere in a
// statement looking ahead costs more than it saves, measured on all workloads of bench/.
#include "core/interp/access.h"
#include "core/interp/ahead.h"
#include "core/interp/branch.h"
#include "core/interp/indexed.h"

namespace cordon::interp::on {

using wasm::Op;

#define LOCAL_GET(index, length)         \
  push<kCached>(sp, a, b, c, fp[index]); \
  NEXT(after_push(kCached), length)
#define GLOBAL_GET(index, length)                   \
  push<kCached>(sp, a, b, c, *ctx->globals[index]); \
  NEXT(after_push(kCached), length)

namespace {

INDEXED_LONG(local_get, LOCAL_GET)
INDEXED_LONG(global_get, GLOBAL_GET)

constexpr Pattern kGet = Pattern().with_index(Op::local_get);
constexpr Pattern kGetGet = kGet.with_index(Op::local_get);
constexpr Pattern kGetGetLoad = kGetGet.access(Op::i32_load);
constexpr Pattern kGetGetStore = kGetGet.access(Op::i32_store);
constexpr Pattern kGetLoad = kGet.access(Op::i32_load);
constexpr Pattern kGetLoadLoad = kGetLoad.access(Op::i32_load);
constexpr Pattern kGetConstAdd = kGet.with_index(Op::i32_const).op(Op::i32_add);
constexpr Pattern kGetConstAddSet = kGetConstAdd.with_index(Op::global_set);
constexpr Pattern kMakeRoom = Pattern()
                                  .with_index(Op::global_get)
                                  .with_index(Op::i32_const)
                                  .op(Op::i32_sub)
                                  .with_index(Op::local_tee);

}  // namespace

// Continues with a statement. `begin` is not the handler that uses this macro: clang would make a
// loop of it and keep values in registers that other handlers need.
#define NEXT_STATEMENT(length, begin) \
  do {                                \
    pc += (length);                   \
    JUMP_IF(local_get, 0, begin);     \
    DISPATCH(0, 0);                   \
  } while (false)

// Statements that begin with two locals.
#define BEGIN_WITH_TWO(ahead, begin)            \
  do {                                          \
    if (kGetGetLoad.at(ahead)) {                \
      a = fp[pc[1]];                            \
      b = fp[pc[3]];                            \
      pc += 4;                                  \
      DO_LOAD(2, uint32_t, uint32_t, pc[2], 3); \
    }                                           \
    if (kGetGetStore.at(ahead)) {               \
      a = fp[pc[1]];                            \
      b = fp[pc[3]];                            \
      pc += 4;                                  \
      DO_STORE(2, uint32_t, uint32_t, pc[2]);   \
      NEXT_STATEMENT(3, begin);                 \
    }                                           \
    if (kGetGet.at(ahead)) {                    \
      a = fp[pc[1]];                            \
      b = fp[pc[3]];                            \
      DISPATCH(2, 4);                           \
    }                                           \
  } while (false)

// Those with a load from a local's address, and perhaps a second load from the loaded address.
#define BEGIN_WITH_LOAD(ahead)                                                          \
  do {                                                                                  \
    if (kGetLoadLoad.at(ahead)) {                                                       \
      const uint64_t address = uint64_t{static_cast<uint32_t>(fp[pc[1]])} + pc[4];      \
      pc += 2;                                                                          \
      if (!accessible(address, sizeof(uint32_t), ctx->mem_size)) RAISE_OUT_OF_BOUNDS(); \
      a = sem::load<uint32_t, uint32_t>(mem + address);                                 \
      pc += 3;                                                                          \
      DO_LOAD(1, uint32_t, uint32_t, pc[2], 3);                                         \
    }                                                                                   \
    if (kGetLoad.at(ahead)) {                                                           \
      a = fp[pc[1]];                                                                    \
      pc += 2;                                                                          \
      DO_LOAD(1, uint32_t, uint32_t, pc[2], 3);                                         \
    }                                                                                   \
  } while (false)

// Those with a sum. Mostly it restores the pointer that global_get (below) moved, at the end of a
// function, and the local that is the function's result follows.
#define BEGIN_WITH_SUM(ahead, begin)                                                         \
  do {                                                                                       \
    a = static_cast<uint32_t>(fp[pc[1]]) + static_cast<uint32_t>(sign_extend7(pc[3]));       \
    if (!kGetConstAddSet.at(ahead)) DISPATCH(1, 5);                                          \
    *ctx->globals[pc[6]] = a;                                                                \
    pc += 7;                                                                                 \
    if (is_short(Op::local_get, pc) && pc + 2 == frame->last && frame->func->results == 1) { \
      a = fp[pc[1]];                                                                         \
      LEAVE_FUNCTION();                                                                      \
      NEXT(1, 0);                                                                            \
    }                                                                                        \
    NEXT_STATEMENT(0, begin);                                                                \
  } while (false)

#define BEGIN(begin)                       \
  do {                                     \
    const uint64_t ahead = look_ahead(pc); \
    if (is(Op::local_get, pc + 2)) {       \
      BEGIN_WITH_TWO(ahead, begin);        \
    } else if (is(Op::i32_load, pc + 2)) { \
      BEGIN_WITH_LOAD(ahead);              \
    } else if (kGetConstAdd.at(ahead)) {   \
      BEGIN_WITH_SUM(ahead, begin);        \
    }                                      \
  } while (false)

SLOW HANDLER(local_get_again) {
  constexpr unsigned kCached = 0;
  BEGIN(local_get<0>);
  PERFORM_INDEXED(local_get, LOCAL_GET);
}
template <unsigned kCached>
HANDLER(local_get) {
  if constexpr (kCached == 0) BEGIN(local_get_again);
  PERFORM_INDEXED(local_get, LOCAL_GET);
}
INSTANTIATE(local_get)

// C programs begin their functions by reserving room on a stack of their own, `global.get i32.const
// i32.sub local.tee`, and then update its pointer or save their first argument there.
template <unsigned kCached>
HANDLER(global_get) {
  if constexpr (kCached == 0) {
    if (kMakeRoom.at(look_ahead(pc))) {
      a = static_cast<uint32_t>(*ctx->globals[pc[1]]) - static_cast<uint32_t>(sign_extend7(pc[3]));
      fp[pc[6]] = a;
      if (is_short(Op::global_set, pc + 7)) {
        *ctx->globals[pc[8]] = a;
        NEXT(0, 9);
      }
      if (!is_short(Op::local_get, pc + 7)) NEXT(1, 7);
      b = fp[pc[8]];
      pc += 9;
      if (!is_short_access(Op::i32_store, pc)) NEXT(2, 0);
      DO_STORE(2, uint32_t, uint32_t, pc[2]);
      NEXT(0, 3);
    }
  }
  PERFORM_INDEXED(global_get, GLOBAL_GET);
}
INSTANTIATE(global_get)

}  // namespace cordon::interp::on
