// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions whose one immediate is an index, for the handlers of locals and globals:
// `perform(index, length)` is the body of one, and may use kCached. The hot handler reads an index
// of one byte, its twin a longer one.
#pragma once

#include "core/interp/handler.h"

#define INDEXED_LONG(ident, perform)     \
  template <unsigned kCached>            \
  SLOW HANDLER(ident##_long) {           \
    const uint8_t* at = pc + 1;          \
    const uint32_t index = read_u32(at); \
    perform(index, at - pc);             \
  }
#define PERFORM_INDEXED(ident, perform) \
  do {                                  \
    const uint8_t index = pc[1];        \
    if (is_long(index)) [[unlikely]] {  \
      TAIL(ident##_long<kCached>);      \
    }                                   \
    perform(index, 2);                  \
  } while (false)
#define INDEXED(ident, perform)      \
  INDEXED_LONG(ident, perform)       \
  template <unsigned kCached>        \
  HANDLER(ident) {                   \
    PERFORM_INDEXED(ident, perform); \
  }                                  \
  INSTANTIATE(ident)
