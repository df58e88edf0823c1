// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The engines as a list, for tests and fuzzers that run the same thing by each.
#pragma once

#include <ostream>
#include <span>
#include <string_view>

#include "core/engine/config.h"

namespace cordon::testing {

struct EngineRow {
  std::string_view name;  // a word, also for names of tests
  engine::Engine engine;
};

inline constexpr EngineRow kEngines[] = {
#define ENGINE(name, kind) {#name, engine::Engine::kind},
#include "tests/kit/engines.def"
};
inline constexpr const EngineRow& kReference = kEngines[0];
// All but the reference.
inline constexpr std::span<const EngineRow> kCompared = std::span(kEngines).subspan(1);

inline std::ostream& operator<<(std::ostream& out, const EngineRow& row) { return out << row.name; }

}  // namespace cordon::testing
