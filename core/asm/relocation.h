// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// References from code to what lies outside of its buffer.
#pragma once

#include <cstdint>

namespace cordon::emit {

// Something outside the buffer that code refers to by a distance: a function, a constant. The
// number means what the user of relocations() says it means.
struct External {
  uint32_t id;
};

// A field that refers to something outside the buffer; it is 0 until somebody stores "address of
// the target - address of `next`" there. Offsets into the buffer.
struct Relocation {
  uint32_t field;
  uint32_t next;  // what the distance counts from
  External target;
};

}  // namespace cordon::emit
