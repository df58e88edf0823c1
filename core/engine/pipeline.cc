// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/pipeline.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "core/abi/target.h"
#include "core/engine/code_feed.h"
#include "core/engine/code_options.h"
#include "core/engine/code_source.h"
#include "core/engine/diagnostics.h"
#include "core/runtime/entry.h"
#include "core/verify/verify.h"
#include "core/wasm/diagnostics.h"

namespace cordon::engine {

namespace {

using Clock = std::chrono::steady_clock;

uint64_t nanoseconds_between(Clock::time_point start, Clock::time_point end) {
  auto elapsed = std::chrono::duration_cast<std::chrono::nanoseconds>(end - start);
  return static_cast<uint64_t>(elapsed.count());
}

// Verifies each piece while the source makes the next one.
class Verifier final : public CodeSink {
 public:
  explicit Verifier(const wasm::ValidatedModule& module) : verification_(module) {}

  Result<void> take(SealedFile piece) override {
    if (verification_.complete()) {
      return fail(diag::code_mismatch, kNoOffset, "more than the code of the module");
    }
    Clock::time_point start = Clock::now();
    files_.push_back(std::move(piece));
    Result<verify::VerifiedCode> verified = verification_.add(files_.back().bytes());
    ns_ += nanoseconds_between(start, Clock::now());
    pieces_.push_back(TRY(std::move(verified)));
    return {};
  }

  // [W3] Called once the source has given all pieces.
  Result<std::shared_ptr<const runtime::CodeSpace>> publish(
      std::shared_ptr<const wasm::ValidatedModule> module, bool fuel) {
    if (!verification_.complete()) {
      return fail(diag::code_mismatch, kNoOffset, "not the code of the whole module");
    }
    uint64_t size = 0;
    for (const verify::VerifiedCode& piece : pieces_) {
      const abi::CodeBlob& blob = piece.blob();
      TRY_VOID(check_code_options(blob.options, fuel));
      size = std::max(size, blob.place.code_base + blob.extent());
    }
    auto space = TRY(runtime::CodeSpace::create(std::move(module), size));
    for (size_t i = 0; i < pieces_.size(); ++i) {
      TRY_VOID(space->publish(std::move(pieces_[i]), files_[i]));
    }
    return space;
  }
  uint64_t ns() const { return ns_; }

 private:
  verify::Verification verification_;
  std::vector<SealedFile> files_;
  std::vector<verify::VerifiedCode> pieces_;  // the same, verified
  uint64_t ns_ = 0;
};

bool is_limited(const Config& config) { return config.fuel != runtime::Execution::kUnlimitedFuel; }

Result<void> load_code(LoadedModule& loaded, const Config& config) {
  if (config.code_source == nullptr) return fail(diag::no_native_code, kNoOffset, "no compiler");
  if (!runtime::native_supported()) {
    return fail(diag::no_native_code, kNoOffset,
                "this processor is not " + std::string(abi::kLeastProcessor));
  }
  const bool fuel = is_limited(config);
  Verifier verifier(*loaded.module);
  Clock::time_point start = Clock::now();
  TRY_VOID(config.code_source->code_of(*loaded.module, fuel, verifier));
  Clock::time_point between = Clock::now();
  loaded.code = TRY(verifier.publish(loaded.module, fuel));
  loaded.times.code_ns = nanoseconds_between(start, between) - verifier.ns();
  loaded.times.verify_ns = verifier.ns() + nanoseconds_between(between, Clock::now());
  return {};
}

// Whether a module that the compiler refuses for this reason is interpreted instead.
bool is_interpreted(const Diagnostic& why, const Config& config) {
  return config.engine == Engine::Auto && why.kind == &wasm::diag::not_compiled;
}

// Whether code comes while the guest runs.
bool grows(const Config& config) {
  return config.engine == Engine::Auto && config.code_feeds != nullptr &&
         runtime::native_supported();
}

// By who gives the code.
Result<std::unique_ptr<const wasm::ValidatedModule>> validate(wasm::Module decoded,
                                                              const Config& config, bool native) {
  const unsigned threads = config.validation_threads;
  if (native && grows(config)) return config.code_feeds->validate(std::move(decoded), threads);
  if (native && config.code_source != nullptr) {
    return config.code_source->validate(std::move(decoded), threads);
  }
  return wasm::validate_module(std::move(decoded), threads);
}

Result<LoadedModule> load_by(ByteSpan bytes, const Config& config, bool native) {
  Clock::time_point start = Clock::now();
  wasm::Module decoded = TRY(wasm::decode_module(bytes, config.features));
  Clock::time_point between = Clock::now();
  LoadedModule loaded;
  loaded.module = TRY(validate(std::move(decoded), config, native));
  loaded.times.decode_ns = nanoseconds_between(start, between);
  loaded.times.validate_ns = nanoseconds_between(between, Clock::now());
  if (!native) return loaded;
  if (grows(config)) {
    loaded.growing = {config.code_feeds, is_limited(config), config.thresholds};
    loaded.growing->thresholds.load_ns = loaded.times.decode_ns + loaded.times.validate_ns;
    return loaded;
  }
  Result<void> coded = load_code(loaded, config);
  if (!coded && !is_interpreted(coded.error(), config)) return Failure(std::move(coded).error());
  return loaded;
}

}  // namespace

Result<LoadedModule> load(ByteSpan bytes, const Config& config) {
  const bool native = config.engine != Engine::Interp;
  Result<LoadedModule> loaded = load_by(bytes, config, native);
  if (loaded || !native || !is_interpreted(loaded.error(), config)) return loaded;
  return load_by(bytes, config, false);
}

}  // namespace cordon::engine
