// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/embed/jit_code_source.h"

#include "core/jit/baseline/baseline.h"

namespace cordon::embed {
namespace {

class Sealer final : public jit::PieceSink {
 public:
  explicit Sealer(engine::CodeSink& sink) : sink_(sink) {}
  Result<void> take(ByteSpan piece, bool) override {
    return sink_.take(TRY(SealedFile::of_bytes(piece, "code")));
  }

 private:
  engine::CodeSink& sink_;
};

}  // namespace

Result<void> JitCodeSource::code_of(const wasm::ValidatedModule& module, bool fuel,
                                    engine::CodeSink& sink) {
  const jit::CompileOptions options{.target = options_.target,
                                    .fuel = fuel,
                                    .threads = options_.threads,
                                    .loop_entries = options_.loop_entries};
  Sealer sealer(sink);
  return jit::compile_pieces(module, jit::baseline_tier, options, options_.piece_bytes, sealer);
}

}  // namespace cordon::embed
