// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/jit_code_source.h"

#include "core/jit/compile.h"

namespace cordon::cli {

Result<SealedFile> JitCodeSource::code_of(const wasm::ValidatedModule& module, bool fuel) {
  std::vector<uint8_t> blob = TRY(
      jit::compile(module, {.target = abi::detect_target(), .fuel = fuel, .threads = threads_}));
  return SealedFile::of_bytes(blob, "code");
}

}  // namespace cordon::cli
