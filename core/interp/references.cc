// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of references and tables (spec §4.4.2, §4.4.6). A reference is a slot; null is zero.
#include "core/interp/handler.h"
#include "core/interp/rare.h"
#include "core/runtime/bulk.h"

namespace cordon::interp {

namespace on {

template <unsigned kCached>
HANDLER(ref_null) {
  push<kCached>(sp, a, b, c, 0);
  NEXT(after_push(kCached), 2);
}
INSTANTIATE(ref_null)

template <unsigned kCached>
HANDLER(ref_is_null) {
  const bool is_null = pop<kCached>(sp, a, b, c) == 0;
  push<after_pop(kCached)>(sp, a, b, c, is_null);
  NEXT(after(kCached, 1, 1), 1);
}
INSTANTIATE(ref_is_null)

template <unsigned kCached>
HANDLER(ref_func) {
  const uint8_t* at = pc + 1;
  push<kCached>(sp, a, b, c, reinterpret_cast<uint64_t>(ctx->funcs[read_u32(at)]));
  NEXT(after_push(kCached), at - pc);
}
INSTANTIATE(ref_func)

RARE(table_get) {
  const uint8_t* at = pc + 1;
  const runtime::Table& table_at = *ctx->instance->tables[read_u32(at)];
  FINISH(table_at.get(static_cast<uint32_t>(sp[-1]), sp[-1]), 0);
}
RARE_INSTANTIATE(table_get)

RARE(table_set) {
  const uint8_t* at = pc + 1;
  runtime::Table& table_at = *ctx->instance->tables[read_u32(at)];
  FINISH(table_at.set(static_cast<uint32_t>(sp[-2]), sp[-1]), 2);
}
RARE_INSTANTIATE(table_set)

RARE(table_size) {
  const uint8_t* at = skip_leb(pc + 1);
  *sp++ = ctx->instance->tables[read_u32(at)]->size();
  NEXT(0, at - pc);
}
RARE_INSTANTIATE(table_size)

RARE(table_grow) {
  const uint8_t* at = skip_leb(pc + 1);
  const uint32_t index = read_u32(at);
  int32_t old_size = -1;
  const Trap trap = charged(*ctx, [&] {
    return runtime::table_grow(*ctx->execution, *ctx->instance, index, sp[-2],
                               static_cast<uint32_t>(sp[-1]), old_size);
  });
  sp[-2] = static_cast<uint32_t>(old_size);
  FINISH(trap, 1);
}
RARE_INSTANTIATE(table_grow)

RARE(table_fill) {
  const uint8_t* at = skip_leb(pc + 1);
  const uint32_t index = read_u32(at);
  FINISH(charged(*ctx,
                 [&] {
                   return runtime::table_fill(*ctx->execution, *ctx->instance, index,
                                              static_cast<uint32_t>(sp[-3]), sp[-2],
                                              static_cast<uint32_t>(sp[-1]));
                 }),
         3);
}
RARE_INSTANTIATE(table_fill)

RARE(table_copy) {
  const uint8_t* at = skip_leb(pc + 1);
  const uint32_t to = read_u32(at);
  const uint32_t from = read_u32(at);
  FINISH(charged(*ctx,
                 [&] {
                   return runtime::table_copy(
                       *ctx->execution, *ctx->instance, to, from, static_cast<uint32_t>(sp[-3]),
                       static_cast<uint32_t>(sp[-2]), static_cast<uint32_t>(sp[-1]));
                 }),
         3);
}
RARE_INSTANTIATE(table_copy)

RARE(table_init) {
  const uint8_t* at = skip_leb(pc + 1);
  const uint32_t elem = read_u32(at);
  const uint32_t index = read_u32(at);
  FINISH(charged(*ctx,
                 [&] {
                   return runtime::table_init(
                       *ctx->execution, *ctx->instance, elem, index, static_cast<uint32_t>(sp[-3]),
                       static_cast<uint32_t>(sp[-2]), static_cast<uint32_t>(sp[-1]));
                 }),
         3);
}
RARE_INSTANTIATE(table_init)

RARE(elem_drop) {
  const uint8_t* at = skip_leb(pc + 1);
  runtime::elem_drop(*ctx->instance, read_u32(at));
  NEXT(0, at - pc);
}
RARE_INSTANTIATE(elem_drop)

}  // namespace on

}  // namespace cordon::interp
