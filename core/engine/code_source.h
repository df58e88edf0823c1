// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeSource: where the engine gets a module's machine code from: a compiler in this process, or
// the jailed compile worker. The engine links neither. What comes are sealed files, each with an
// encoded abi::CodeBlob, and trusted with nothing: load() verifies them before they are published
// ([W3]).
#pragma once

#include <memory>
#include <utility>

#include "core/abi/code_blob.h"
#include "core/base/os/sealed_file.h"
#include "core/wasm/validated.h"

namespace cordon::engine {

// Takes code as it comes.
class CodeSink {
 public:
  virtual ~CodeSink() = default;
  // The next piece. A failure (the verifier's, say) is to be passed on, and ends it.
  virtual Result<void> take(SealedFile piece) = 0;
};

// Owned by the embedder; outlives every load() that uses it.
class CodeSource {
 public:
  virtual ~CodeSource() = default;
  // A module for code_of(), which may want more of its validation than running needs. This one and
  // code_of() say by not_compiled (core/wasm/diagnostics.def) that the compiler lacks a feature.
  virtual Result<std::unique_ptr<const wasm::ValidatedModule>> validate(wasm::Module module,
                                                                        unsigned threads) const {
    return wasm::validate_module(std::move(module), threads);
  }
  // Gives the sink all code of `module`, in one piece or in several; `fuel`: whether it must charge
  // fuel. May block until it is there. Fails with the compiler's reason.
  virtual Result<void> code_of(const wasm::ValidatedModule& module, bool fuel, CodeSink& sink) = 0;
};

}  // namespace cordon::engine
