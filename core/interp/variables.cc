// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of locals, globals, drop and select (spec §4.4.4, §4.4.5); local.get and global.get are
// in statements.cc.
#include "core/interp/indexed.h"

namespace cordon::interp {

#define LOCAL_SET(index, length)         \
  fp[index] = pop<kCached>(sp, a, b, c); \
  NEXT(after_pop(kCached), length)
#define LOCAL_TEE(index, length)                    \
  const uint64_t value = pop<kCached>(sp, a, b, c); \
  fp[index] = value;                                \
  push<after_pop(kCached)>(sp, a, b, c, value);     \
  NEXT(after(kCached, 1, 1), length)
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

INDEXED(local_set, LOCAL_SET)
INDEXED(local_tee, LOCAL_TEE)
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

// The type is one byte, after the length of its vector.
template <unsigned kCached>
HANDLER(select_t) {
  SELECT(skip_leb(pc + 1) + 1 - pc);
}
INSTANTIATE(select_t)

}  // namespace on

}  // namespace cordon::interp
