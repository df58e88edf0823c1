// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of locals, globals, drop and select (spec §4.4.4, §4.4.5).
#include "core/interp/access.h"
#include "core/interp/ahead.h"
#include "core/interp/handler.h"

namespace cordon::interp {

using wasm::Op;

// An instruction whose one immediate is an index: `perform(index, length)` is its body, for an
// index of one byte in the hot handler and for a longer one in its twin.
#define INDEXED(ident, perform)          \
  template <unsigned kCached>            \
  SLOW HANDLER(ident##_long) {           \
    const uint8_t* at = pc + 1;          \
    const uint32_t index = read_u32(at); \
    perform(index, at - pc);             \
  }                                      \
  template <unsigned kCached>            \
  HANDLER(ident) {                       \
    const uint8_t index = pc[1];         \
    if (is_long(index)) [[unlikely]]     \
      TAIL(ident##_long<kCached>);       \
    perform(index, 2);                   \
  }                                      \
  INSTANTIATE(ident)

#define LOCAL_GET(index, length)         \
  push<kCached>(sp, a, b, c, fp[index]); \
  NEXT(after_push(kCached), length)
#define LOCAL_SET(index, length)         \
  fp[index] = pop<kCached>(sp, a, b, c); \
  NEXT(after_pop(kCached), length)
#define LOCAL_TEE(index, length)                    \
  const uint64_t value = pop<kCached>(sp, a, b, c); \
  fp[index] = value;                                \
  push<after_pop(kCached)>(sp, a, b, c, value);     \
  NEXT(after(kCached, 1, 1), length)
#define GLOBAL_GET(index, length)                   \
  push<kCached>(sp, a, b, c, *ctx->globals[index]); \
  NEXT(after_push(kCached), length)
#define GLOBAL_SET(index, length)                   \
  *ctx->globals[index] = pop<kCached>(sp, a, b, c); \
  NEXT(after_pop(kCached), length)

#define SELECT(length)                                                      \
  const auto condition = static_cast<uint32_t>(pop<kCached>(sp, a, b, c));  \
  const uint64_t second = pop<after_pop(kCached)>(sp, a, b, c);             \
  const uint64_t first = pop<after(kCached, 2, 0)>(sp, a, b, c);            \
  push<after(kCached, 3, 0)>(sp, a, b, c, condition != 0 ? first : second); \
  NEXT(after(kCached, 3, 1), length)

namespace on {

template <unsigned kCached>
SLOW HANDLER(local_get_long) {
  const uint8_t* at = pc + 1;
  const uint32_t index = read_u32(at);
  LOCAL_GET(index, at - pc);
}

constexpr Pattern kGet = Pattern().with_index(Op::local_get);
constexpr Pattern kGetGet = kGet.with_index(Op::local_get);
constexpr Pattern kGetGetLoad = kGetGet.access(Op::i32_load);
constexpr Pattern kGetGetStore = kGetGet.access(Op::i32_store);
constexpr Pattern kGetLoad = kGet.access(Op::i32_load);
constexpr Pattern kGetLoadLoad = kGetLoad.access(Op::i32_load);
constexpr Pattern kGetConstAdd = kGet.with_index(Op::i32_const).op(Op::i32_add);
constexpr Pattern kGetConstAddSet = kGetConstAdd.with_index(Op::global_set);

// What begins with two locals and is done at once.
#define BEGIN_WITH_TWO(ahead)                              \
  do {                                                     \
    if (kGetGetLoad.at(ahead)) {                           \
      a = fp[pc[1]];                                       \
      b = fp[pc[3]];                                       \
      pc += 4;                                             \
      DO_LOAD(2, uint32_t, uint32_t, pc[2], 3);            \
    }                                                      \
    if (kGetGetStore.at(ahead)) {                          \
      a = fp[pc[1]];                                       \
      b = fp[pc[3]];                                       \
      pc += 4;                                             \
      DO_STORE(2, uint32_t, uint32_t, pc[2], 3, DISPATCH); \
    }                                                      \
    if (kGetGet.at(ahead)) {                               \
      a = fp[pc[1]];                                       \
      b = fp[pc[3]];                                       \
      DISPATCH(2, 4);                                      \
    }                                                      \
  } while (false)

// With a load by a local, and perhaps one more by what was loaded.
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

// With a sum, which may be the end of what global_get (below) began.
#define BEGIN_WITH_SUM(ahead)                                                          \
  do {                                                                                 \
    a = static_cast<uint32_t>(fp[pc[1]]) + static_cast<uint32_t>(sign_extend7(pc[3])); \
    if (kGetConstAddSet.at(ahead)) {                                                   \
      *ctx->globals[pc[6]] = a;                                                        \
      DISPATCH(0, 7);                                                                  \
    }                                                                                  \
    DISPATCH(1, 5);                                                                    \
  } while (false)

// With nothing cached a statement begins, and in unoptimized C it begins in few ways. Those are
// done at once. Elsewhere in a statement looking ahead costs more than it brings, measured on all
// workloads of bench/.
template <unsigned kCached>
HANDLER(local_get) {
  if constexpr (kCached == 0) {
    const uint64_t ahead = look_ahead(pc);
    if (is(Op::local_get, pc + 2)) {
      BEGIN_WITH_TWO(ahead);
    } else if (is(Op::i32_load, pc + 2)) {
      BEGIN_WITH_LOAD(ahead);
    } else if (kGetConstAdd.at(ahead)) {
      BEGIN_WITH_SUM(ahead);
    }
  }
  const uint8_t index = pc[1];
  if (is_long(index)) [[unlikely]] {
    FORGET(kCached);
    TAIL(local_get_long<kCached>);
  }
  LOCAL_GET(index, 2);
}
INSTANTIATE(local_get)

INDEXED(local_set, LOCAL_SET)
INDEXED(local_tee, LOCAL_TEE)
template <unsigned kCached>
SLOW HANDLER(global_get_long) {
  const uint8_t* at = pc + 1;
  const uint32_t index = read_u32(at);
  GLOBAL_GET(index, at - pc);
}

constexpr Pattern kMakeRoom = Pattern()
                                  .with_index(Op::global_get)
                                  .with_index(Op::i32_const)
                                  .op(Op::i32_sub)
                                  .with_index(Op::local_tee);

// C programs begin their functions by making room on a stack of their own, `global.get i32.const
// i32.sub local.tee`, and then move its pointer or save their first argument there.
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
      if (is_short_access(Op::i32_store, pc)) DO_STORE(2, uint32_t, uint32_t, pc[2], 3, NEXT);
      NEXT(2, 0);
    }
  }
  const uint8_t index = pc[1];
  if (is_long(index)) [[unlikely]] {
    FORGET(kCached);
    TAIL(global_get_long<kCached>);
  }
  GLOBAL_GET(index, 2);
}
INSTANTIATE(global_get)

INDEXED(global_set, GLOBAL_SET)

template <unsigned kCached>
HANDLER(drop) {
  pop<kCached>(sp, a, b, c);
  NEXT(after_pop(kCached), 1);
}
INSTANTIATE(drop)

template <unsigned kCached>
HANDLER(select) {
  SELECT(1);
}
INSTANTIATE(select)

// The type stands in one byte behind the length of its vector.
template <unsigned kCached>
HANDLER(select_t) {
  SELECT(skip_leb(pc + 1) + 1 - pc);
}
INSTANTIATE(select_t)

}  // namespace on

}  // namespace cordon::interp
