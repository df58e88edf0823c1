// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of loads, stores, memory.size and memory.grow.
#include "core/interp/access.h"
#include "core/interp/handler.h"
#include "core/runtime/bulk.h"

namespace cordon::interp {

#define ACCESS(ident, perform, T, M)                   \
  template <unsigned kCached>                          \
  COLD HANDLER(ident##_longer) {                       \
    uint64_t offset;                                   \
    const uint8_t* behind = read_memarg(pc, offset);   \
    perform(kCached, T, M, offset, behind - pc);       \
  }                                                    \
  template <unsigned kCached>                          \
  SLOW HANDLER(ident##_long) {                         \
    if (is_long(pc[1]) || is_long(pc[3])) [[unlikely]] \
      TAIL(ident##_longer<kCached>);                   \
    perform(kCached, T, M, read_two(pc + 2), 4);       \
  }                                                    \
  template <unsigned kCached>                          \
  HANDLER(ident) {                                     \
    if (!is_short_memarg(pc + 1)) [[unlikely]]         \
      TAIL(ident##_long<kCached>);                     \
    perform(kCached, T, M, pc[2], 3);                  \
  }                                                    \
  INSTANTIATE(ident)

namespace on {

#define STORE_AND_NEXT(cached, T, M, offset, length) \
  DO_STORE(cached, T, M, offset);                    \
  NEXT(after((cached), 2, 0), length)
#define LOAD(code, ident, text, type_, memory, feature) \
  ACCESS(ident, DO_LOAD, sem::type::type_, memory)
#define STORE(code, ident, text, type_, memory, feature) \
  ACCESS(ident, STORE_AND_NEXT, sem::type::type_, memory)
#include "core/wasm/opcodes.def"

template <unsigned kCached>
HANDLER(memory_size) {
  push<kCached>(sp, a, b, c, ctx->mem_size / runtime::kPageSize);
  NEXT(after_push(kCached), 2);
}
INSTANTIATE(memory_size)

namespace {

template <unsigned kCached>
COLD HANDLER(grow_slow) {
  const auto delta = static_cast<uint32_t>(pop<kCached>(sp, a, b, c));
  int32_t old_pages = -1;
  ctx->trap = runtime::memory_grow(*ctx->memory, delta, old_pages);
  if (ctx->trap != Trap::none) TAIL(raise_kept);
  ctx->measure_memory();
  push<after_pop(kCached)>(sp, a, b, c, static_cast<uint32_t>(old_pages));
  NEXT(after(kCached, 1, 1), 2);
}

}  // namespace

template <unsigned kCached>
HANDLER(memory_grow) {
  TAIL(grow_slow<kCached>);
}
INSTANTIATE(memory_grow)

}  // namespace on

}  // namespace cordon::interp
