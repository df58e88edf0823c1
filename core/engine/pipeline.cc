// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/pipeline.h"

#include <chrono>
#include <utility>

namespace cordon::engine {

namespace {

using Clock = std::chrono::steady_clock;

uint64_t nanoseconds_between(Clock::time_point start, Clock::time_point end) {
  auto elapsed = std::chrono::duration_cast<std::chrono::nanoseconds>(end - start);
  return static_cast<uint64_t>(elapsed.count());
}

}  // namespace

Result<LoadedModule> load(ByteSpan bytes, const Config& config) {
  Clock::time_point start = Clock::now();
  wasm::Module decoded = TRY(wasm::decode_module(bytes, config.features));
  Clock::time_point between = Clock::now();
  LoadedModule loaded;
  loaded.module = TRY(wasm::validate_module(std::move(decoded), config.validation_threads));
  loaded.times = {nanoseconds_between(start, between), nanoseconds_between(between, Clock::now())};
  return loaded;
}

}  // namespace cordon::engine
