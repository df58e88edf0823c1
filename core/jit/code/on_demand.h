// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// OnDemand: compiles functions of one module as they are needed, while the guest runs, into pieces
// that CodeSpace takes one after the other (core/abi/code_blob.h, "as it is needed"). Makes data,
// never runs it ([W2]). Called by the compile worker and by core/embed.
#pragma once

#include <memory>
#include <vector>

#include "core/jit/code/compile.h"
#include "core/jit/code/link.h"

namespace cordon::jit {

// On one thread. Each function is compiled at most once.
class OnDemand {
 public:
  // REQUIRES: the module is of wasm::validate_module_with_uses() and outlives this; `lines` of the
  // options is null. `threads` is not used.
  OnDemand(const wasm::ValidatedModule& module, Tier tier, const CompileOptions& options);
  OnDemand(const OnDemand&) = delete;
  OnDemand& operator=(const OnDemand&) = delete;

  // An encoded piece with `body`, if that has no code yet, and with what it calls directly, as far
  // as that has none: nearest first, until their wasm code has at least `budget` bytes. Empty if
  // nothing of it is left to do. Good until the next call. Fails at a limit of the code or the code
  // space ([L1]), or at a mistake of the compiler's own; what failed has no code then. REQUIRES: a
  // body of the module.
  Result<ByteSpan> compile(uint32_t body, uint64_t budget);
  // Whether a piece with this body was made.
  bool has(uint32_t body) const { return has_[body]; }

 private:
  void gather(uint32_t body, uint64_t budget);
  void read_callees(uint32_t body);
  Result<void> compile_gathered();

  const wasm::ValidatedModule& module_;
  std::vector<bool> has_;  // by body; from when it is gathered on
  const abi::ModulePlan plan_;
  const FuncOptions options_;
  Linker linker_;
  const std::unique_ptr<FuncCompiler> compiler_;
  std::unique_ptr<Chunk> chunk_;
  std::vector<uint32_t> gathered_;  // bodies of the piece that is being made
  std::vector<uint32_t> callees_;   // of one body, with an entry a call
};

}  // namespace cordon::jit
