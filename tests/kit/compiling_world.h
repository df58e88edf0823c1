// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CompilingWorld: a World with the compiler in it, so that modules run by any engine. LoneGuest: a
// module alone in such a world. A program that includes this links cordon_core_embed.
#pragma once

#include "core/embed/jit_code_source.h"
#include "tests/kit/growth.h"
#include "tests/kit/world.h"

namespace cordon::testing {

class CompilingWorld : public World {
 public:
  // Native, unless the settings or a call of instantiate() say otherwise.
  explicit CompilingWorld(engine::Config settings = {.engine = engine::Engine::Jit},
                          const embed::JitCodeSource::Options& options = {})
      : World(settings), compiler_(options), growth_(worlds_++, options.target) {
    config.code_source = &compiler_;
    growth_.fill(config);
  }

 private:
  static inline uint64_t worlds_ = 0;  // so far, so that each has another schedule
  embed::JitCodeSource compiler_;
  Growth growth_;
};

class LoneGuest : private CompilingWorld, public Guest {
 public:
  LoneGuest(const std::vector<uint8_t>& bytes, engine::Engine engine,
            const embed::JitCodeSource::Options& options = {},
            int64_t fuel = runtime::Execution::kUnlimitedFuel)
      : CompilingWorld({.engine = engine, .fuel = fuel}, options), Guest(*this, bytes) {}
  using Guest::call;
};

}  // namespace cordon::testing
