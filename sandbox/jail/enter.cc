// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/jail/enter.h"

namespace cordon::jail {
namespace {

// Allows the table to say None.
struct MaybeLayer {
  static constexpr std::optional<Layer> None = std::nullopt;
#define LAYER(name, what) static constexpr std::optional<Layer> name = Layer::name;
#include "sandbox/jail/layers.def"
};

}  // namespace

const std::array<EnterRow, 16> kEnterRows = {{
#define ENTER(name, layer, what) {#name, MaybeLayer::layer, what, step::name},
#include "sandbox/jail/steps.def"
}};

Entered enter(const Settings& settings, LayerSet missing) {
  Entered entered;
  for (const EnterRow& row : kEnterRows) {
    StepResult result = row.run(settings);
    if (result.done()) continue;
    if (!row.layer || !missing.has(*row.layer)) {  // [J1]
      entered.broken = &row;
      entered.failure = result;
      return entered;
    }
    entered.withheld.add(*row.layer);
  }
  return entered;
}

}  // namespace cordon::jail
