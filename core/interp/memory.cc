// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of loads, stores, memory.size and memory.grow.
#include "core/interp/access.h"
#include "core/interp/handler.h"
#include "core/runtime/bulk.h"
#include "core/wasm/semantics.h"

namespace cordon::interp {

namespace sem = wasm::sem;

// The access at pc, `length` bytes long, with this offset.
#define DO_LOAD(T, M, offset, length)                                                             \
  const uint64_t address = uint64_t{static_cast<uint32_t>(pop<kCached>(sp, a, b, c))} + (offset); \
  if (!accessible(address, sizeof(M), ctx->mem_size))                                             \
    TAIL(raise<Trap::out_of_bounds_memory_access>);                                               \
  push<after_pop(kCached)>(sp, a, b, c, sem::to_slot(sem::load<T, M>(mem + address)));            \
  NEXT(after(kCached, 1, 1), length)
#define DO_STORE(T, M, offset, length)                                                  \
  const uint64_t value = pop<kCached>(sp, a, b, c);                                     \
  const uint64_t address =                                                              \
      uint64_t{static_cast<uint32_t>(pop<after_pop(kCached)>(sp, a, b, c))} + (offset); \
  if (!accessible(address, sizeof(M), ctx->mem_size))                                   \
    TAIL(raise<Trap::out_of_bounds_memory_access>);                                     \
  sem::store<M>(mem + address, sem::from_slot<T>(value));                               \
  NEXT(after(kCached, 2, 0), length)

#define ACCESS(ident, perform, T, M)                 \
  template <unsigned kCached>                        \
  SLOW HANDLER(ident##_long) {                       \
    uint64_t offset;                                 \
    const uint8_t* behind = read_memarg(pc, offset); \
    perform(T, M, offset, behind - pc);              \
  }                                                  \
  template <unsigned kCached>                        \
  HANDLER(ident) {                                   \
    if (!is_short_memarg(pc + 1)) [[unlikely]]       \
      TAIL(ident##_long<kCached>);                   \
    perform(T, M, pc[2], 3);                         \
  }                                                  \
  INSTANTIATE(ident)

namespace on {

#define LOAD(code, ident, text, type_, memory, feature) \
  ACCESS(ident, DO_LOAD, sem::type::type_, memory)
#define STORE(code, ident, text, type_, memory, feature) \
  ACCESS(ident, DO_STORE, sem::type::type_, memory)
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
