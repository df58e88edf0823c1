// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Walk: a module whose functions call each other in an order that a parameter says, in every way
// that there is, so that tests can have any of them run by any engine ([D1]).
#pragma once

#include "tests/kit/compiling_world.h"

namespace cordon::testing {

// A walk from function `path & 3` on with `path >> 2`, and so on for `steps` calls. Function 0
// calls the next one plainly, 1 by a tail call, 2 with a handler for exceptions, 3 through the
// host.
struct Walk {
  // What ends it: a result, traps, a caught or an uncaught exception, the host's wish.
  static constexpr uint32_t kEnds = 6;
  static constexpr uint32_t kFuncs = 4;

  uint64_t path = 0;
  uint32_t steps = 0;
  uint32_t end = 0;
};

// Always the same ones, with up to `most_steps` steps.
std::vector<Walk> random_walks(size_t count, uint32_t most_steps);

// Whether calls are by a table, or direct.
enum class Calls : uint8_t { ByTable, Direct };

// Exports "f0" to "f3" and "walk", which is one more function and calls function 0.
ModuleBuilder walk_module(Calls calls);

// A world in which its modules find their host functions.
class WalkWorld : public CompilingWorld {
 public:
  explicit WalkWorld(engine::Config settings, const embed::JitCodeSource::Options& options = {});
  // Everything that can be seen of a walk: results or trap, its trace, fuel that is left.
  std::string seen(runtime::Instance& instance, const Walk& walk);

 private:
  static Trap back(void* env, runtime::HostCall& call, const uint64_t* args, uint64_t* results);
  static Trap leave(void* env, runtime::HostCall& call, const uint64_t* args, uint64_t* results);
};

}  // namespace cordon::testing
