// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/asm/assembler_base.h"

namespace cordon::emit {

Result<ByteSpan> AssemblerBase::finish() {
  if (ok() && labels_.unresolved()) fail(diag::label_unbound);  // [E1]
  if (!ok()) return ::cordon::fail(*error(), offset());
  return buffer_.bytes();
}

void AssemblerBase::reset() {
  buffer_.reset();
  labels_.reset();
  relocations_.clear();
}

}  // namespace cordon::emit
