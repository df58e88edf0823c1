// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of locals, globals, drop and select (spec §4.4.4, §4.4.5).
#include "core/interp/access.h"
#include "core/interp/handler.h"

namespace cordon::interp {

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

// With nothing cached a statement begins, most often by `local.get local.get` or by
// `local.get i32.load`: both are done at once (13 % of CPython's start). Elsewhere in a statement
// looking ahead costs more than it brings, measured on all workloads of bench/.
template <unsigned kCached>
HANDLER(local_get) {
  const uint8_t index = pc[1];
  if (is_long(index)) [[unlikely]]
    TAIL(local_get_long<kCached>);
  if constexpr (kCached == 0) {
    if (pc[2] == static_cast<uint8_t>(wasm::Op::local_get) && !is_long(pc[3])) {
      a = fp[index];
      b = fp[pc[3]];
      NEXT(2, 4);
    }
    if (pc[2] == static_cast<uint8_t>(wasm::Op::i32_load) && is_short_memarg(pc + 3)) {
      const uint64_t address = uint64_t{static_cast<uint32_t>(fp[index])} + pc[4];
      pc += 2;
      if (!accessible(address, sizeof(uint32_t), ctx->mem_size))
        TAIL(raise<Trap::out_of_bounds_memory_access>);
      a = read_raw<uint32_t>(mem + address);
      NEXT(1, 3);
    }
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

// C programs begin their functions by `global.get i32.const i32.sub`, which makes room on a stack
// of their own: done at once (5 % of CPython's start).
template <unsigned kCached>
HANDLER(global_get) {
  const uint8_t index = pc[1];
  if (is_long(index)) [[unlikely]]
    TAIL(global_get_long<kCached>);
  if constexpr (kCached == 0) {
    if (pc[2] == static_cast<uint8_t>(wasm::Op::i32_const) && !is_long(pc[3]) &&
        pc[4] == static_cast<uint8_t>(wasm::Op::i32_sub)) {
      const auto value = static_cast<uint32_t>(*ctx->globals[index]);
      a = value - static_cast<uint32_t>(sign_extend7(pc[3]));
      NEXT(1, 5);
    }
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
