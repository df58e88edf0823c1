// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/jit_source.h"

#include "core/jit/compile.h"

namespace cordon::fuzz {

Result<SealedFile> JitSource::code_of(const wasm::ValidatedModule& module, bool fuel) {
  abi::Target target = abi::detect_target();
  target.cpu_features &= cpu_features_;
  const jit::CompileOptions options{.target = target, .fuel = fuel};
  const std::vector<uint8_t> blob = TRY(jit::compile(module, options));
  return SealedFile::of_bytes(blob, "cordon-fuzz-code");
}

}  // namespace cordon::fuzz
