// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// JitSource: the compiler in this process, for runs of the oracle that are not jailed. It gives
// what the compile worker gives: sealed bytes that the engine verifies.
#pragma once

#include "core/engine/code_source.h"

namespace cordon::fuzz {

class JitSource : public engine::CodeSource {
 public:
  // `cpu_features`: bits of abi::CpuFeature it may use.
  explicit JitSource(uint32_t cpu_features) : cpu_features_(cpu_features) {}
  Result<SealedFile> code_of(const wasm::ValidatedModule& module, bool fuel) override;

 private:
  uint32_t cpu_features_;
};

}  // namespace cordon::fuzz
