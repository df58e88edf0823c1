// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// References from code to targets outside of its buffer.
#pragma once

#include <cstdint>

namespace cordon::emit {

// A target outside of the buffer that code refers to by a distance: a function, a constant. The
// user of relocations() defines the meaning of the number.
struct External {
  uint32_t id;
};

// A field that refers to a target outside of the buffer; it is 0 until the linker stores "address
// of the target - address of `next`" there. Offsets into the buffer.
struct Relocation {
  uint32_t field;
  uint32_t next;  // where the distance counts from
  External target;
};

}  // namespace cordon::emit
