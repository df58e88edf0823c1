// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules of tests through the JIT and, always, through the verifier: a test of the compiler that
// makes code which the verifier refuses fails whatever else it looks at.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "core/abi/code_blob.h"
#include "core/abi/target.h"
#include "core/engine/code_source.h"
#include "core/jit/baseline/baseline.h"
#include "core/jit/code/compile.h"
#include "core/wasm/validate_module.h"

namespace cordon::testing {

// No feature beyond x86-64-v2, and all that the compiler knows of, whatever this processor has.
inline abi::Target no_features() { return {}; }
inline abi::Target all_features() { return {31}; }

class Compiled {
 public:
  Compiled(std::vector<uint8_t> module, std::unique_ptr<const wasm::ValidatedModule> validated,
           std::vector<uint8_t> bytes, abi::CodeBlob blob)
      : module_(std::move(module)),
        validated_(std::move(validated)),
        bytes_(std::move(bytes)),
        blob_(std::move(blob)) {}
  const abi::CodeBlob& blob() const { return blob_; }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> module_;
  std::unique_ptr<const wasm::ValidatedModule> validated_;
  std::vector<uint8_t> bytes_;  // blob_ views them
  abi::CodeBlob blob_;
};

// A module that is not valid, not compiled or not verified ends the test program.
Compiled compile_module(std::vector<uint8_t> module, abi::Target target, unsigned threads = 1,
                        bool fuel = false, bool loop_entries = false);
// The same of body 0 alone, as code that is made as it is needed.
Compiled compile_needed(std::vector<uint8_t> module, abi::Target target, bool fuel = false);

}  // namespace cordon::testing
