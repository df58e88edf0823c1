// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of the bulk instructions of memories (spec §4.4.7).
#include "core/runtime/bulk.h"

#include "core/interp/handler.h"
#include "core/interp/rare.h"

namespace cordon::interp {

namespace on {

RARE(memory_copy) {
  const uint8_t* at = skip_leb(pc + 1) + 2;
  FINISH(charged(*ctx,
                 [&] {
                   return runtime::memory_copy(
                       *ctx->execution, *ctx->instance, static_cast<uint32_t>(sp[-3]),
                       static_cast<uint32_t>(sp[-2]), static_cast<uint32_t>(sp[-1]));
                 }),
         3);
}
RARE_INSTANTIATE(memory_copy)

RARE(memory_fill) {
  const uint8_t* at = skip_leb(pc + 1) + 1;
  FINISH(charged(*ctx,
                 [&] {
                   return runtime::memory_fill(
                       *ctx->execution, *ctx->instance, static_cast<uint32_t>(sp[-3]),
                       static_cast<uint8_t>(sp[-2]), static_cast<uint32_t>(sp[-1]));
                 }),
         3);
}
RARE_INSTANTIATE(memory_fill)

RARE(memory_init) {
  const uint8_t* at = skip_leb(pc + 1);
  const uint32_t data = read_u32(at);
  ++at;
  FINISH(charged(*ctx,
                 [&] {
                   return runtime::memory_init(
                       *ctx->execution, *ctx->instance, data, static_cast<uint32_t>(sp[-3]),
                       static_cast<uint32_t>(sp[-2]), static_cast<uint32_t>(sp[-1]));
                 }),
         3);
}
RARE_INSTANTIATE(memory_init)

RARE(data_drop) {
  const uint8_t* at = skip_leb(pc + 1);
  runtime::data_drop(*ctx->instance, read_u32(at));
  NEXT(0, at - pc);
}
RARE_INSTANTIATE(data_drop)

}  // namespace on

}  // namespace cordon::interp
