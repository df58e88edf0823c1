// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// JitCodeSource: the compiler in the same process, for embedders, tools, tests and fuzzers. Like
// the jailed compile worker it gives sealed pieces, which the engine verifies. `cordon run` does
// not use it: there the compiler has a process and a jail of its own.
#pragma once

#include "core/engine/code_source.h"
#include "core/jit/code/compile.h"

namespace cordon::embed {

// Has no state but its options. The module given to it must come from validate() here, which
// records the uses that the compiler needs.
class JitCodeSource final : public engine::CodeSource {
 public:
  // The processor for which the code is made, and the compiler's settings.
  struct Options {
    abi::Target target = abi::detect_target();
    unsigned threads = 1;               // threads that compile a module, with the caller's
    uint64_t piece_bytes = UINT64_MAX;  // as in jit::compile_pieces: by default all is one piece
    bool loop_entries = false;          // as in jit::CompileOptions
  };
  JitCodeSource() = default;
  // Copies the options. To run the code, this machine must have the target's features.
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
