// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeSource: where the engine gets a module's machine code from: a compiler in this process, or
// the jailed compile worker. The engine links neither. What comes are sealed files, each with an
// encoded abi::CodeBlob, and trusted with nothing: load() verifies them before they are published
// ([W3]).
#pragma once

#include "core/abi/code_blob.h"
#include "core/base/os/sealed_file.h"
#include "core/wasm/validated.h"

namespace cordon::engine {

class CodeSource {
 public:
  virtual ~CodeSource() = default;
  // The code of `module`; `fuel`: whether it must charge fuel. All of it, or its next piece: called
  // again until the verifier has all. May block until it is there. Fails with the compiler's
  // reason.
  virtual Result<SealedFile> code_of(const wasm::ValidatedModule& module, bool fuel) = 0;
};

}  // namespace cordon::engine
