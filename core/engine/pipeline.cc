// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/pipeline.h"

#include <chrono>
#include <utility>
#include <vector>

#include "core/abi/target.h"
#include "core/engine/code_source.h"
#include "core/engine/diagnostics.h"
#include "core/runtime/entry.h"
#include "core/verify/verify.h"

namespace cordon::engine {

namespace {

using Clock = std::chrono::steady_clock;

uint64_t nanoseconds_between(Clock::time_point start, Clock::time_point end) {
  auto elapsed = std::chrono::duration_cast<std::chrono::nanoseconds>(end - start);
  return static_cast<uint64_t>(elapsed.count());
}

Result<void> load_code(LoadedModule& loaded, const Config& config) {
  if (config.code_source == nullptr) return fail(diag::no_native_code, kNoOffset, "no compiler");
  if (!runtime::native_supported()) {
    return fail(diag::no_native_code, kNoOffset, "this processor is not x86-64-v2");
  }
  const bool fuel = config.fuel != runtime::Execution::kUnlimitedFuel;
  verify::Verification verification(*loaded.module);
  std::vector<SealedFile> pieces;
  while (!verification.complete()) {
    Clock::time_point start = Clock::now();
    pieces.push_back(TRY(config.code_source->code_of(*loaded.module, fuel)));
    Clock::time_point between = Clock::now();
    TRY_VOID(verification.add(pieces.back().bytes()));
    loaded.times.code_ns += nanoseconds_between(start, between);
    loaded.times.verify_ns += nanoseconds_between(between, Clock::now());
  }
  Clock::time_point verified = Clock::now();
  verify::VerifiedCode code = verification.finish();
  const abi::BlobOptions options = code.options();
  if (options.fuel != fuel) {  // [L1]
    return fail(diag::code_mismatch, kNoOffset, "made under another rule for fuel");
  }
  if (!abi::detect_target().provides(options.cpu_features)) {
    return fail(diag::code_mismatch, kNoOffset, "needs a processor that this is not");
  }
  loaded.code = TRY(runtime::CodeMemory::publish(std::move(code), pieces));  // [W3]
  loaded.times.verify_ns += nanoseconds_between(verified, Clock::now());
  return {};
}

}  // namespace

Result<LoadedModule> load(ByteSpan bytes, const Config& config) {
  Clock::time_point start = Clock::now();
  wasm::Module decoded = TRY(wasm::decode_module(bytes, config.features));
  Clock::time_point between = Clock::now();
  LoadedModule loaded;
  loaded.module = TRY(wasm::validate_module(std::move(decoded), config.validation_threads));
  loaded.times.decode_ns = nanoseconds_between(start, between);
  loaded.times.validate_ns = nanoseconds_between(between, Clock::now());
  if (config.engine == Engine::Jit) TRY_VOID(load_code(loaded, config));
  return loaded;
}

}  // namespace cordon::engine
