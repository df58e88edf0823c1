// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/core/jit/compile_module.h"

#include <cstdio>
#include <cstdlib>

#include "core/jit/code/on_demand.h"
#include "core/verify/verify.h"

namespace cordon::testing {

namespace {
template <class T>
T expect(Result<T> result, const char* what) {
  if (!result) {
    std::fprintf(stderr, "%s: %s\n", what, result.error().message().c_str());
    std::abort();
  }
  return *std::move(result);
}
std::unique_ptr<const wasm::ValidatedModule> validate(ByteSpan module) {
  return expect(wasm::validate_module_with_uses(expect(wasm::decode_module(module), "decode")),
                "validate");
}
}  // namespace

Compiled compile_module(std::vector<uint8_t> module, abi::Target target, unsigned threads,
                        bool fuel, bool loop_entries) {
  auto validated = validate(module);
  const jit::CompileOptions options{
      .target = target, .fuel = fuel, .threads = threads, .loop_entries = loop_entries};
  std::vector<uint8_t> bytes =
      expect(jit::compile(*validated, jit::baseline_tier, options), "compile");
  abi::CodeBlob blob = expect(verify::verify(*validated, bytes), "verify").blob();
  return {std::move(module), std::move(validated), std::move(bytes), std::move(blob)};
}

Compiled compile_needed(std::vector<uint8_t> module, abi::Target target, bool fuel) {
  auto validated = validate(module);
  jit::OnDemand compiler(*validated, jit::baseline_tier, {.target = target, .fuel = fuel});
  const ByteSpan piece = expect(compiler.compile(0, 1), "compile");
  std::vector<uint8_t> bytes(piece.begin(), piece.end());
  verify::Verification verification(*validated, verify::Series::AsNeeded);
  abi::CodeBlob blob = expect(verification.add(bytes), "verify").blob();
  return {std::move(module), std::move(validated), std::move(bytes), std::move(blob)};
}

}  // namespace cordon::testing
