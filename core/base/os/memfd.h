// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sealed memory files: bytes that two processes share and that no process can change any more
// (memfd_create(2), fcntl(2) F_ADD_SEALS). Modules and machine code travel in them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/os/fd.h"
#include "core/base/result.h"

namespace cordon {

// All of F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW and F_SEAL_WRITE.
extern const int kAllSeals;

// An empty memfd that can be sealed; and the same file once it carries every seal.
Result<Fd> create_memfd(const char* name);
Result<Fd> seal_memfd(Fd fd);

// Another descriptor of the same open file, close-on-exec.
Result<Fd> duplicate(const Fd& fd);

// A memfd with the contents of `source` from its current position to its end, sealed. Fails with
// diag::too_large after more than `max_size` bytes; `name` appears in /proc and in messages.
Result<Fd> sealed_copy_of_file(int source, uint64_t max_size, const char* name);
Result<Fd> sealed_copy_of_bytes(ByteSpan bytes, const char* name);

// The size of `fd` if it carries every seal; otherwise a failure that names the missing one.
Result<uint64_t> size_of_sealed(int fd);

}  // namespace cordon
