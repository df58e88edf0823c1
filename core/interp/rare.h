// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of instructions that call into the runtime anyway: one body a row, with all operands in
// memory; the handlers in the table spill and jump there. `at` is a local of the body: the byte
// after the immediates.
#pragma once

#include "core/interp/handler.h"

namespace cordon::interp {

#define RARE(ident) COLD static HANDLER(ident##_in_memory)
#define RARE_INSTANTIATE(ident)  \
  template <unsigned kCached>    \
  HANDLER(ident) {               \
    spill<kCached>(sp, a, b, c); \
    TAIL(ident##_in_memory);     \
  }                              \
  INSTANTIATE(ident)

// Traps if `outcome` is a trap, else drops `pops` operands and continues.
#define FINISH(outcome, pops)                      \
  do {                                             \
    ctx->trap = (outcome);                         \
    if (ctx->trap != Trap::none) TAIL(raise_kept); \
    sp -= (pops);                                  \
    NEXT(0, at - pc);                              \
  } while (false)

// Calls `work`, which may charge the execution's fuel.
template <class Work>
Trap charged(Context& ctx, Work work) {
  ctx.execution->fuel = ctx.all_fuel();
  const Trap trap = work();
  ctx.set_fuel(ctx.execution->fuel);
  return trap;
}

}  // namespace cordon::interp
