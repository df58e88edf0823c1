// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeSource: where the engine gets a module's machine code from: a compiler in this process,
// or the jailed compile worker. The engine links neither. The code comes as sealed files, each
// with an encoded abi::CodeBlob, and is untrusted: load() verifies it before it is published
// ([W3]).
#pragma once

#include <memory>
#include <utility>

#include "core/abi/code_blob.h"
#include "core/base/os/sealed_file.h"
#include "core/wasm/validated.h"

namespace cordon::engine {

// Receives code piece by piece.
class CodeSink {
 public:
  virtual ~CodeSink() = default;
  // Takes the next piece. After a failure (the verifier's, say) the source stops and returns it.
  virtual Result<void> take(SealedFile piece) = 0;
};

// Owned by the embedder; outlives every load() that uses it.
class CodeSource {
 public:
  virtual ~CodeSource() = default;
  // Validates a module for code_of(), which may need more than running does. This function and
  // code_of() fail with not_compiled (core/wasm/diagnostics.def) for a feature the compiler lacks.
  virtual Result<std::unique_ptr<const wasm::ValidatedModule>> validate(wasm::Module module,
                                                                        unsigned threads) const {
    return wasm::validate_module(std::move(module), threads);
  }
  // Gives the sink all code of `module`, in one piece or in several; `fuel`: whether it must charge
  // fuel. May block until the code is there. Fails with the compiler's reason.
  virtual Result<void> code_of(const wasm::ValidatedModule& module, bool fuel, CodeSink& sink) = 0;
};

}  // namespace cordon::engine
