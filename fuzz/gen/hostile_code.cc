// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/gen/hostile_code.h"

#include <cstring>

#include "core/base/check.h"
#include "core/jit/baseline/baseline.h"
#include "core/jit/code/on_demand.h"
#include "core/wasm/validate_module.h"
#include "fuzz/gen/module_gen.h"

namespace cordon::fuzz {

namespace {
constexpr uint32_t kNeeded = CodeSample::kBlobs - 1;
}

CodeSample::CodeSample(uint64_t seed) : bytes(generate(bytes_of_seed(seed))) {
  auto decoded = wasm::decode_module(bytes);
  CHECK(decoded);
  auto validated = wasm::validate_module_with_uses(std::move(*decoded));
  CHECK(validated);
  module = std::move(*validated);
  for (const bool fuel : {false, true}) {
    auto blob =
        jit::compile(*module, jit::baseline_tier, {.target = abi::detect_target(), .fuel = fuel});
    CHECK(blob && verify::verify(*module, *blob));
    blobs[fuel] = std::move(*blob);
  }
  // Half of the module, so that some calls are direct and others are not.
  uint64_t size = 0;
  for (const wasm::ValidatedFunc& func : module->funcs()) size += func.body().code.size;
  CHECK(size != 0);
  jit::OnDemand compiler(*module, jit::baseline_tier, {.target = abi::detect_target()});
  const auto last = static_cast<uint32_t>(module->funcs().size() - 1);
  const auto piece = compiler.compile(last, size / 2);
  CHECK(piece && verify_instead(*this, kNeeded, *piece));
  blobs[kNeeded].assign(piece->begin(), piece->end());
}

Result<verify::VerifiedCode> verify_instead(const CodeSample& sample, uint32_t blob,
                                            ByteSpan changed) {
  if (blob != kNeeded) return verify::verify(*sample.module, changed);
  verify::Verification verification(*sample.module, verify::Series::AsNeeded);
  return verification.add(changed);
}

void edit_blob(std::vector<uint8_t>& blob, ByteSpan edits) {
  for (; edits.size() >= 6 && blob.size() >= 4; edits = edits.subspan(6)) {
    const size_t words = blob.size() - 3, where = edits[0] | edits[1] << 8 | edits[2] << 16;
    const auto amount = static_cast<int16_t>(edits[4] | edits[5] << 8);
    uint8_t* const at = &blob[where % words];
    uint32_t word;
    std::memcpy(&word, at, sizeof word);
    switch (edits[3] % 5) {
      case 0: *at = edits[4]; continue;
      case 1: word += static_cast<uint32_t>(amount); break;
      case 2: word ^= uint32_t{1} << edits[4] % 32; break;
      case 3: std::memcpy(&word, &blob[edits[4] * size_t{edits[5]} % words], sizeof word); break;
      default: blob.resize(where % blob.size()); continue;
    }
    std::memcpy(at, &word, sizeof word);
  }
}

}  // namespace cordon::fuzz
