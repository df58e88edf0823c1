// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeFeed: where code comes from while the guest runs, function by function: the jailed compile
// worker, or a compiler in this process. The engine links neither. The code is untrusted: Tiering
// verifies each piece before it is published ([W3]).
#pragma once

#include <memory>
#include <optional>

#include "core/base/os/sealed_file.h"
#include "core/base/result.h"
#include "core/wasm/validated.h"

namespace cordon::engine {

// The code of one instance. Used by the thread that runs it, between two steps of the guest, so
// nothing here may block.
class CodeFeed {
 public:
  virtual ~CodeFeed() = default;
  // Requests the code of the module's body with this index, and of what the maker of the code
  // expects to be needed with it. Each body is requested at most once, and none that has code. A
  // request that cannot be passed on now is kept until it can.
  virtual void ask(uint32_t body) = 0;
  // The next piece that has arrived, an encoded abi::CodeBlob of an as-needed series; or nothing
  // yet. Pieces come in the order of their series. After a failure no more code comes, and the
  // guest runs on without: wasm::diag::not_compiled if the compiler cannot, or any other reason.
  virtual Result<std::optional<SealedFile>> poll() = 0;
};

// Makes feeds. Owned by the embedder; outlives every load() that uses it and every instance that
// comes of it.
class CodeFeeds {
 public:
  virtual ~CodeFeeds() = default;
  // Validates a module for feed(), which may need more than running does. Fails with not_compiled
  // for a feature the compiler lacks: then the module is interpreted, by a validation of its own.
  virtual Result<std::unique_ptr<const wasm::ValidatedModule>> validate(wasm::Module module,
                                                                        unsigned threads) const {
    return wasm::validate_module(std::move(module), threads);
  }
  // The feed of one new instance of `module`; `fuel`: whether the code must charge it. Starts
  // nothing that a short run would have to pay for.
  virtual Result<std::unique_ptr<CodeFeed>> feed(
      std::shared_ptr<const wasm::ValidatedModule> module, bool fuel) = 0;
};

}  // namespace cordon::engine
