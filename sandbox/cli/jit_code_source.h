// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// JitCodeSource: the compiler in this very process, for tools and tests that run modules they
// trust. `cordon run` does not use it: there the compiler has a process and a jail of its own.
#pragma once

#include "core/engine/code_source.h"

namespace cordon::cli {

class JitCodeSource final : public engine::CodeSource {
 public:
  // `threads`: on how many a module is compiled, this one included.
  explicit JitCodeSource(unsigned threads = 1) : threads_(threads) {}

  Result<SealedFile> code_of(const wasm::ValidatedModule& module, bool fuel) override;

 private:
  unsigned threads_;
};

}  // namespace cordon::cli
