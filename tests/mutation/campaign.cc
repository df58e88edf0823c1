// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/mutation/campaign.h"

#include <algorithm>

#include "core/abi/target.h"
#include "core/jit/baseline/baseline.h"
#include "core/jit/code/on_demand.h"
#include "core/verify/verify.h"
#include "fuzz/gen/module_gen.h"

namespace cordon::mutation {
namespace {

bool is_accepted(const wasm::ValidatedModule& module, ByteSpan blob, bool as_needed) {
  if (!as_needed) return verify::verify(module, blob).has_value();
  return verify::Verification(module, verify::Series::AsNeeded).add(blob).has_value();
}

// The whole code, or a piece with a part of it, as it is needed.
Result<std::vector<uint8_t>> compile(const wasm::ValidatedModule& module, bool fuel,
                                     Random& random) {
  const jit::CompileOptions options{.target = abi::detect_target(), .fuel = fuel};
  const auto bodies = static_cast<uint32_t>(module.funcs().size());
  if (bodies == 0 || random() % 3 != 0) return jit::compile(module, jit::baseline_tier, options);
  jit::OnDemand compiler(module, jit::baseline_tier, options);
  const auto piece =
      TRY(compiler.compile(static_cast<uint32_t>(random() % bodies), random() % 400));
  return std::vector<uint8_t>(piece.begin(), piece.end());
}

void try_mutant(const wasm::ValidatedModule& module, ByteSpan module_bytes, const OwnedBlob& whole,
                ByteSpan original, Random& random, uint64_t step_every, Counts& counts) {
  OwnedBlob mutant(whole);
  const auto kind = static_cast<size_t>(mutate(mutant, random));
  const std::vector<uint8_t> bytes = abi::encode(mutant.blob);
  ++counts.mutants;
  if (std::equal(bytes.begin(), bytes.end(), original.begin(), original.end())) {
    ++counts.unchanged;
    return;
  }
  ++counts.tried[kind];
  if (!is_accepted(module, bytes, whole.blob.options.as_needed)) {
    ++counts.rejected;
    return;
  }
  ++counts.let_through[kind];
  std::string what;
  const bool fuel = whole.blob.options.fuel;
  End end = run_monitored(module_bytes, bytes, fuel, what);
  if (end != End::Violation && counts.accepted() % step_every == 0) {
    uint64_t steps = 0;
    if (run_monitored(module_bytes, bytes, fuel, what, &steps) == End::Violation) {
      end = End::Violation;
    }
    ++counts.stepped;
    counts.steps += steps;
  }
  ++counts.ends[static_cast<size_t>(end)];
  if (end == End::Violation) {
    counts.violations.push_back("module " + std::to_string(counts.modules) + ", mutant " +
                                std::to_string(counts.mutants) + ", " +
                                std::string(kMutationNames[kind]) + ": " + what);
  }
}

}  // namespace

Counts run_campaign(uint64_t seed, uint64_t mutants, uint64_t per_module, uint64_t step_every) {
  Counts counts;
  Random random(seed);
  while (counts.mutants < mutants) {
    const std::vector<uint8_t> bytes =
        fuzz::generate(fuzz::bytes_of_seed(random()), fuzz::Vectors::None);
    auto module = wasm::decode_module(bytes);
    if (!module) continue;
    const auto validated = wasm::validate_module_with_uses(std::move(*module));
    if (!validated) continue;
    const bool fuel = random() % 2 == 0;
    const auto blob = compile(**validated, fuel, random);
    if (!blob) continue;
    const auto decoded = abi::decode_blob(*blob);
    if (!decoded || decoded->code.empty()) continue;
    // Modules that import from a peer, or do not instantiate, would show nothing.
    std::string what;
    if (run_monitored(bytes, *blob, fuel, what) != End::Harmless) continue;
    ++counts.modules;
    const OwnedBlob whole(*decoded);
    for (uint64_t i = 0; i < per_module && counts.mutants < mutants; ++i) {
      try_mutant(**validated, bytes, whole, *blob, random, step_every, counts);
    }
  }
  return counts;
}

}  // namespace cordon::mutation
