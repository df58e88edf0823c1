// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// JitCodeSource: the compiler in this very process, for embedders, tools, tests and fuzzers. It
// gives what the jailed compile worker gives: sealed pieces, which the engine verifies. `cordon
// run` does not use it: there the compiler has a process and a jail of its own.
#pragma once

#include "core/engine/code_source.h"
#include "core/jit/code/compile.h"

namespace cordon::embed {

// Has no state but its options. The module given to it must have come from validate() here, which
// notes the uses that the compiler needs.
class JitCodeSource final : public engine::CodeSource {
 public:
  // For which processor the code is made, and how.
  struct Options {
    abi::Target target = abi::detect_target();
    unsigned threads = 1;               // on how many a module is compiled, this one included
    uint64_t piece_bytes = UINT64_MAX;  // as in jit::compile_pieces: by default all is one piece
  };
  JitCodeSource() = default;
  // Copies the options; the target must be one that this machine runs if the code is to be run.
  explicit JitCodeSource(const Options& options) : options_(options) {}

  Result<std::unique_ptr<const wasm::ValidatedModule>> validate(wasm::Module module,
                                                                unsigned threads) const override {
    return wasm::validate_module_with_uses(std::move(module), threads);
  }
  Result<void> code_of(const wasm::ValidatedModule& module, bool fuel,
                       engine::CodeSink& sink) override;

 private:
  Options options_;
};

}  // namespace cordon::embed
