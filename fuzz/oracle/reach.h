// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reach: how often each row of opcodes.def occurs in the bodies of the counted modules, read back
// from their bytes, so that the generator cannot claim what it did not write.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/wasm/features.h"
#include "core/wasm/op.h"

namespace cordon::fuzz {

class Reach {
 public:
  // A module that does not decode counts nothing.
  void count(ByteSpan module);

  const std::map<wasm::Op, uint64_t>& counts() const { return counts_; }  // every row is there
  // Those of `features` that were never seen.
  std::vector<std::string> missing(wasm::Features features) const;

 private:
  std::map<wasm::Op, uint64_t> counts_ = {
#define OP(code, ident, text, imm, feature, kind, effect) {wasm::Op::ident, 0},
#include "core/wasm/opcodes.def"
  };
};

}  // namespace cordon::fuzz
